// Links, choices and the history of one page that never reloads. The address alone says what is
// shown: a click is one entry of history, and Streamlit is asked for what the address then says.
(() => {
  "use strict";
  const find = (what) => document.querySelector(what);
  const app = () => find('[data-testid="stApp"]');
  const main = () => find('[data-testid="stMain"]');
  const push = history.pushState.bind(history);
  let going = 0; // which of the runs that the address asked for is under way; 0 where none is
  let asked = 0;
  let shown = location.pathname + location.search;
  let then = {}; // what to do once the page is there: scroll to `top`, focus a `filter` again

  // A run that ends late would write the address of its own page over that of the last click.
  history.pushState = (...given) => {
    if (going) return;
    push(...given);
    shown = location.pathname + location.search;
  };

  // Streamlit's front end fetches its font of icons, as large as all its scripts, before it knows of
  // an icon: a page that shows one fetches it then.
  const load = document.fonts.load.bind(document.fonts);
  document.fonts.load = (font, ...more) =>
    font.includes("Material Symbols") ? Promise.resolve([]) : load(font, ...more);

  // ------------------------------------------------------------------------------------- links

  const pages = () => [...document.querySelectorAll(".io-head [data-pages] a")];
  const inside = (link) =>
    !link.target.startsWith("_b") && !link.hasAttribute("download") &&
    link.origin === location.origin &&
    (link.pathname === location.pathname || pages().some((a) => a.pathname === link.pathname));

  // A link takes along the filters that are set, unless it says itself what it asks for.
  const complete = (link) => {
    if (link.dataset.exact) return;
    link.dataset.asks ??= link.getAttribute("href");
    if (link.dataset.asks.startsWith("#")) return;
    const url = new URL(link.dataset.asks, location.href);
    const { kept, newest } = find("[data-kept]")?.dataset ?? {};
    for (const [name, value] of new URLSearchParams(kept ?? ""))
      if (!url.searchParams.has(name)) url.searchParams.set(name, value);
    // The newest wave is the one that an address without a wave means.
    if (url.searchParams.get("wave") === newest) url.searchParams.delete("wave");
    link.href = url;
  };
  const linked = (event) => {
    const link = event.target.closest?.('[data-testid="stMain"] a[href]');
    if (link && inside(link)) complete(link);
    return link && inside(link) ? link : null;
  };
  for (const kind of ["pointerover", "pointerdown", "focusin", "contextmenu"])
    addEventListener(kind, linked, true);

  const go = (url) => {
    if (!url.search) url.search = ""; // without a lonely "?"
    if (app()?.dataset.testConnectionState !== "CONNECTED") return location.assign(url);
    if (url.href === location.href) return;
    history.replaceState({ ...history.state, top: main()?.scrollTop ?? 0 }, "");
    const state = { top: url.pathname === location.pathname ? main()?.scrollTop ?? 0 : 0 };
    push(state, "", url);
    dispatchEvent(new PopStateEvent("popstate", { state }));
  };

  // Vega follows the link of a mark by an anchor of its own, which is nowhere on the page.
  const dispatch = EventTarget.prototype.dispatchEvent;
  HTMLAnchorElement.prototype.dispatchEvent = function (event) {
    if (event.type !== "click" || this.isConnected || !inside(this))
      return dispatch.call(this, event);
    complete(this);
    go(new URL(this.href));
    return false;
  };

  const heading = () => {
    const title = find("h1");
    if (title) title.tabIndex = -1;
    title?.focus({ preventScroll: true });
  };

  addEventListener("click", (event) => {
    close(event.target);
    if (event.target.closest?.(".io-skip")) {
      event.preventDefault();
      return heading();
    }
    const link = linked(event);
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
      return;
    if (link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    go(new URL(link.href));
  }, true);

  // Before Streamlit's own listener, which asks the server for the page of the address.
  addEventListener("popstate", (event) => {
    const now = location.pathname + location.search;
    if (now === shown && location.hash) return;
    if (app()?.dataset.testConnectionState !== "CONNECTED") return location.reload();
    going = asked += 1;
    then = { ...then, top: event.state?.top ?? 0, moved: now.split("?")[0] !== shown.split("?")[0] };
    shown = now;
  });

  // ------------------------------------------------------------------------- filters and search

  addEventListener("change", (event) => {
    const field = event.target.closest?.(".io-filters select");
    if (!field) return;
    const url = new URL(location.href);
    url.hash = "";
    url.searchParams.delete(field.name);
    if (field.value) url.searchParams.set(field.name, field.value);
    then = { filter: field.name };
    go(url);
  }, true);

  addEventListener("submit", (event) => {
    const form = event.target.closest?.(".io-search");
    if (!form) return;
    event.preventDefault();
    const link = document.createElement("a");
    link.href = link.dataset.asks = `search?q=${encodeURIComponent(form.elements.q.value.trim())}`;
    complete(link);
    go(new URL(link.href));
  }, true);

  // --------------------------------------------------------------------------------- menus, keys

  const close = (but) => {
    for (const menu of document.querySelectorAll(".io-head details[open], .io-filters[open]"))
      if (!menu.contains(but)) menu.open = false;
    const button = but?.closest?.(".io-menu");
    if (button) {
      const open = button.getAttribute("aria-expanded") !== "true";
      button.setAttribute("aria-expanded", open);
    }
  };
  addEventListener("keydown", (event) => {
    const field = event.target.closest?.("input, textarea, select, [contenteditable]");
    // Streamlit runs the page again at "r" and opens a dialogue at "c", which WCAG 2.1.4 forbids.
    if (!field && !event.ctrlKey && !event.metaKey && /^[rc]$/i.test(event.key))
      event.stopImmediatePropagation();
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details[open]");
    if (menu) menu.querySelector("summary").focus();
    close(menu?.parentElement);
    if (menu) menu.open = false;
  }, true);

  // Every cell of a table knows its column, so that on a telephone a row can fold into a card; the
  // roles are said, as what is not laid out as a table is none to screen readers.
  const label = () => {
    const title = find("h1");
    if (title && title.id !== "page") title.id = "page"; // where the first link of the page leads
    // Streamlit names its place for files, and says that it is nothing.
    find('[data-testid="stFileUploaderDropzone"][role="presentation"]')?.setAttribute("role", "group");
    for (const table of document.querySelectorAll('[data-testid="stMain"] table:not([role])')) {
      const heads = [...table.querySelectorAll("thead th")].map((head) => head.innerText.trim());
      const says = (what, role) =>
        table.querySelectorAll(what).forEach((part) => part.setAttribute("role", role));
      table.setAttribute("role", "table");
      table.classList.toggle("io-folds", heads.length > 2);
      says("thead, tbody", "rowgroup");
      says("tr", "row");
      says("td", "cell");
      says("thead th", "columnheader");
      says("tbody th", "rowheader");
      for (const row of table.querySelectorAll("tbody tr"))
        [...row.children].forEach((cell, i) => (cell.dataset.label = heads[i] ?? ""));
    }
  };

  // ------------------------------------------------------------------------- once a page is there

  const sorted = (query) => {
    const names = new URLSearchParams(query);
    names.sort();
    return names.toString();
  };
  // Whether the run that answered this address has ended. A run may be over between two looks at
  // its state, and the end of the one before is none of it: so the page says what it answers.
  const there = () => {
    const [page, query] = find("[data-at]")?.dataset.at.split("?") ?? [];
    return app()?.dataset.testScriptState === "notRunning" &&
      page === location.pathname.split("/").pop() && sorted(query) === sorted(location.search);
  };

  const settled = (run) => {
    if (going !== run || !there()) return; // another was asked for meanwhile
    going = 0;
    const { top, moved, filter } = then;
    then = {};
    if (top === undefined && filter === undefined) return;
    const words = [find("h1")?.innerText, find(".io-set")?.dataset.said, find(".io-figure")?.innerText];
    find("#io-said").textContent = moved ? "" : words.filter(Boolean).join(". ");
    const field = filter && find(`.io-filters select[name="${filter}"]`);
    if (field) {
      field.closest("details").open = true;
      field.focus({ preventScroll: true });
    } else if (moved) heading();
    if (main() && top !== undefined) main().scrollTop = top;
  };
  addEventListener("DOMContentLoaded", () => {
    const said = document.createElement("div");
    said.id = "io-said";
    said.setAttribute("role", "status");
    said.setAttribute("aria-live", "polite");
    document.body.append(said);
    let soon = 0;
    new MutationObserver(() => {
      cancelAnimationFrame(soon);
      soon = requestAnimationFrame(label);
    }).observe(document.body, { subtree: true, childList: true });
    new MutationObserver(() => {
      const run = going;
      if (run && there()) requestAnimationFrame(() => requestAnimationFrame(() => settled(run)));
    }).observe(document.body, {
      subtree: true, childList: true, attributeFilter: ["data-test-script-state"],
    });
  });
})();
