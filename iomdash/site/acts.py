"""What a page does in the browser by itself: copy its address, print, and be whole on paper.

Buttons are plain HTML, so they cost a page no element and no run; these few lines listen to them.
"""

SCRIPT = """<script>
addEventListener("click", (event) => {
  const act = event.target.closest && event.target.closest(".io-copy, .io-print");
  if (!act) return;
  if (act.classList.contains("io-print")) { print(); return; }
  const words = act.textContent;
  const say = (told) => {
    act.textContent = told;
    setTimeout(() => { act.textContent = words; }, 2500);
  };
  const field = () => {
    // Where a page comes without encryption, browsers keep the clipboard's own door shut.
    const text = document.body.appendChild(document.createElement("textarea"));
    text.value = location.href;
    text.select();
    say(document.execCommand("copy") ? "Link copied" : "Copy it from the address bar");
    text.remove();
    act.focus();
  };
  if (!navigator.clipboard) field();
  else navigator.clipboard.writeText(location.href).then(() => say("Link copied"), field);
});
const shut = new Set();
addEventListener("beforeprint", () => {
  document.querySelectorAll("details:not([open])").forEach((part) => {
    if (part.querySelector(".io-takes") && !part.querySelector("table")) return;
    shut.add(part);
    part.open = true;
  });
});
addEventListener("afterprint", () => {
  shut.forEach((part) => { part.open = false; });
  shut.clear();
});
</script>"""
