// What a click on free time takes: shown under the mouse, and opened by mouse or finger.

function minuteUnder(event, body, board) {
  const style = getComputedStyle(board);
  const from = Number(style.getPropertyValue("--from"));
  const until = Number(style.getPropertyValue("--until"));
  const box = body.getBoundingClientRect();
  return from * 60 + ((event.clientY - box.top) / box.height) * (until - from) * 60;
}

// The start that lies under the pointer, else the nearest one of the same free time: of the chosen type if it fits
// there at all, of another one if not.
export function slotAt(minute, gap, starts, types, preferred) {
  const slugs = [preferred, ...Object.keys(types).filter((slug) => slug !== preferred)];
  for (const slug of slugs) {
    if (!types[slug]) continue;
    const length = types[slug].minutes;
    const inside = (starts[slug] || []).filter(([start]) => start >= gap.start && start < gap.end);
    let best = null;
    for (const [start, desk] of inside) {
      const away = minute < start ? start - minute : Math.max(0, minute - (start + length) + 0.001);
      // Of two that lie under the pointer (a grid finer than the type's time), the later one begins closer to it.
      if (!best || away < best.away || (away === best.away && start > best.start)) best = { start, desk, slug, length, away };
    }
    if (best) return best;
  }
  return null;
}

const clock = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

export function watchPointer(popup) {
  const data = document.getElementById("free-times");
  const board = document.querySelector(".board");
  if (!data || !board) return;
  const calendar = document.getElementById("calendar").dataset;
  const { types, columns, desks } = JSON.parse(data.textContent);
  const ghost = document.createElement("div");
  ghost.className = "ghost";
  ghost.setAttribute("aria-hidden", "true");
  board.classList.add("scripted");

  function found(event) {
    const link = event.target.closest?.(".gap a");
    if (!link) return null;
    const column = link.closest("[data-column]");
    const body = column.querySelector(".day-body");
    const { day, starts } = columns[column.dataset.column];
    const gap = { start: Number(link.dataset.start), end: Number(link.dataset.end) };
    const slot = slotAt(minuteUnder(event, body, board), gap, starts, types, calendar.type);
    return slot && { ...slot, day, body, link };
  }

  board.addEventListener("pointermove", (event) => {
    const slot = event.pointerType === "touch" ? null : found(event);
    if (!slot) {
      ghost.remove();
      return;
    }
    ghost.style.setProperty("--h", slot.start / 60);
    ghost.style.setProperty("--dh", slot.length / 60);
    ghost.textContent = `${clock(slot.start)}–${clock(slot.start + slot.length)} ${types[slot.slug].label} · ${desks[slot.desk].label}`;
    if (ghost.parentNode !== slot.body) slot.body.append(ghost);
  });
  board.addEventListener("pointerleave", () => ghost.remove());
  board.addEventListener("click", (event) => {
    // A click by keyboard has no place: it takes the first slot of the free time, as the link says.
    if (event.detail === 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const slot = found(event);
    if (!slot) return;
    event.preventDefault();
    const query = new URLSearchParams({
      type: slot.slug,
      day: slot.day,
      time: clock(slot.start),
      desk: desks[slot.desk].key,
      back: calendar.back,
    });
    popup.open(`${calendar.bookUrl}?${query}`, slot.link);
  });
}
