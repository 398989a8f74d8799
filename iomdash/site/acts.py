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
// A part of a long page opens at its own address, and has it while it is open.
let reached = "";
const reach = () => {
  if (!location.hash || location.hash === reached) return;
  const part = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!part || !part.matches(".io-topic")) return;
  reached = location.hash;
  part.open = true;
  part.scrollIntoView();
};
addEventListener("hashchange", reach);
new MutationObserver(reach).observe(document, { childList: true, subtree: true });
document.addEventListener("toggle", (event) => {
  if (!event.target.matches(".io-topic") || !event.target.open) return;
  reached = "#" + event.target.id;
  if (location.hash !== reached) history.replaceState(history.state, "", reached);
}, true);
const shut = new Set();
addEventListener("beforeprint", () => {
  // Of parts with one name only one may be open; on paper all are.
  document.querySelectorAll(".io-topic").forEach((part) => part.removeAttribute("name"));
  document.querySelectorAll("details:not([open])").forEach((part) => {
    if (part.querySelector(".io-takes") && !part.querySelector("table")) return;
    shut.add(part);
    part.open = true;
  });
});
addEventListener("afterprint", () => {
  shut.forEach((part) => { part.open = false; });
  shut.clear();
  document.querySelectorAll(".io-topic").forEach((part) => part.setAttribute("name", "topic"));
});
</script>"""
