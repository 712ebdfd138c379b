// Moving in the calendar by arrows. Only while the focus is inside: no key of a screen reader or browser is taken.
// With the script the calendar is one stop for Tab; its headings and lists stay as they are for screen readers.

const REMEMBER = "calendar-focus";

const column = (item) => item.closest("[data-column], tr");
const itemsOf = (place) => [...place.querySelectorAll("[data-item]")];

function setStop(items, current) {
  for (const item of items) {
    const on = item === current;
    item.tabIndex = on ? 0 : -1;
    for (const other of item.closest("li")?.querySelectorAll("a:not([data-item])") ?? []) other.tabIndex = on ? 0 : -1;
  }
}

function beside(item, step, columns) {
  const here = columns.indexOf(column(item));
  for (let n = here + step; n >= 0 && n < columns.length; n += step) {
    const items = itemsOf(columns[n]);
    if (!items.length) continue;
    const start = Number(item.dataset.start);
    return items.reduce((best, other) =>
      Math.abs(Number(other.dataset.start) - start) < Math.abs(Number(best.dataset.start) - start) ? other : best,
    );
  }
  return null;
}

function target(event, item, board) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  const columns = [...board.querySelectorAll("[data-column]")];
  const items = itemsOf(column(item));
  const at = items.indexOf(item);
  switch (event.key) {
    case "ArrowDown": return items[at + 1] ?? item;
    case "ArrowUp": return items[at - 1] ?? item;
    case "ArrowRight": return beside(item, 1, columns) ?? item;
    case "ArrowLeft": return beside(item, -1, columns) ?? item;
    case "Home": return items[0];
    case "End": return items[items.length - 1];
    default: return null;
  }
}

function watchBoard(board) {
  const all = itemsOf(board);
  setStop(all, all.find((item) => item === document.activeElement) ?? all[0]);

  board.addEventListener("focusin", (event) => {
    const item = event.target.closest("[data-item]");
    if (item) setStop(itemsOf(board), item);
  });
  board.addEventListener("keydown", (event) => {
    const item = event.target.closest("[data-item]");
    const next = item && target(event, item, board);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}

export function watchKeys() {
  const calendar = document.getElementById("calendar");
  const board = calendar.querySelector(".board");
  if (board) watchBoard(board);
  calendar.addEventListener("keydown", (event) => {
    const way = { PageUp: "previous", PageDown: "next" }[event.key];
    if (!way || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    sessionStorage.setItem(REMEMBER, "1");
    document.querySelector(`[data-move="${way}"]`).click();
  });
  if (sessionStorage.getItem(REMEMBER)) {
    sessionStorage.removeItem(REMEMBER);
    (calendar.querySelector("[data-item], .month a") ?? calendar.querySelector("[tabindex]"))?.focus();
  }
}
