// The time that locks have left, by the server's clock.

const SECOND = 1000;

let ahead = 0; // milliseconds by which our clock goes before the server's

// `heard` is when the answer that says the server's time came, by our clock.
export function setClock(serverNow, heard = Date.now()) {
  const then = Date.parse(serverNow);
  if (!Number.isNaN(then)) ahead = heard - then;
}

function pageHeard() {
  const page = performance.getEntriesByType("navigation")[0];
  return page ? performance.timeOrigin + page.responseStart : Date.now();
}

export function countDown(lapsed) {
  const told = new Set();

  function tick() {
    const calendar = document.getElementById("calendar");
    for (const element of document.querySelectorAll("[data-expires]")) {
      const left = Math.ceil((Date.parse(element.dataset.expires) - Date.now() + ahead) / SECOND);
      const text = `${Math.max(0, Math.floor(left / 60))}:${String(Math.max(0, left) % 60).padStart(2, "0")}`;
      element.textContent = calendar.dataset.left.replace("{left}", text);
      if (left <= 0 && element.closest("#calendar") && !told.has(element.dataset.expires)) {
        told.add(element.dataset.expires);
        lapsed();
      }
    }
  }

  setClock(document.getElementById("calendar").dataset.now, pageHeard());
  tick();
  setInterval(tick, SECOND);
  document.addEventListener("calendar-replaced", tick);
  document.addEventListener("popup-filled", tick);
}
