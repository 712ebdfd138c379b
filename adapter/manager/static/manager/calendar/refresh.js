// Keeps the calendar true: asks for its version every few seconds, and for the calendar when that is another one.
import { setClock } from "./countdown.js";

const EVERY = 10_000;
// Time passes even when nothing changes: what is past can be booked no more.
const OLDEST = 300_000;

const now = () => Date.now();

export class Refresher {
  constructor(popup) {
    this.popup = popup;
    this.etag = `"${this.element.dataset.version}"`;
    this.fetched = now();
    this.heard = now();
    this.busy = false;
    this.changed = false;
  }

  get element() {
    return document.getElementById("calendar");
  }

  start() {
    setInterval(() => this.look(), EVERY);
    document.addEventListener("visibilitychange", () => this.look());
    window.addEventListener("online", () => this.look());
    // The browser's own way back shows the page as it was left.
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      this.popup.dialog.close();
      this.refresh();
    });
  }

  // Ask whether something changed.
  async look() {
    if (document.hidden || this.busy) return;
    if (this.changed && !this.popup.isOpen) {
      await this.refresh();
      return;
    }
    this.busy = true;
    try {
      const answer = await fetch(this.element.dataset.versionUrl, { headers: { "If-None-Match": this.etag } });
      if (answer.redirected || !(answer.ok || answer.status === 304)) throw new Error(`HTTP ${answer.status}`);
      this.hear();
      if (answer.status !== 304 && answer.headers.get("ETag") !== this.etag) {
        this.etag = answer.headers.get("ETag");
        this.changed = true;
        document.dispatchEvent(new Event("calendar-changed"));
      }
    } catch {
      this.tellStale();
    }
    this.busy = false;
    if (this.changed || now() - this.fetched > OLDEST) await this.refresh();
  }

  // Fetch the calendar anew; never under an open pop-up.
  async refresh() {
    if (this.popup.isOpen || this.busy || document.hidden) {
      this.changed = true;
      return;
    }
    this.busy = true;
    try {
      const answer = await fetch(location.href, { headers: { "X-Fragment": "calendar" } });
      if (answer.redirected || !answer.ok) throw new Error(`HTTP ${answer.status}`);
      const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
      // Opened while the answer was on its way: the next look brings another one.
      if (!this.popup.isOpen) this.replace(parsed.getElementById("calendar"));
      this.hear();
    } catch {
      this.tellStale();
    }
    this.busy = false;
  }

  replace(fresh) {
    const before = this.element;
    const focused = before.contains(document.activeElement) ? document.activeElement : null;
    const kept = focused && (focused.id || focused.closest("[id]").id);
    const inScroll = focused?.matches(".scroll");
    const scrolls = [...before.querySelectorAll(".scroll")].map((element) => [element.scrollLeft, element.scrollTop]);
    const opened = before.querySelector("details.cancelled")?.open;
    before.replaceWith(fresh);
    fresh.querySelectorAll(".scroll").forEach((element, n) => {
      [element.scrollLeft, element.scrollTop] = scrolls[n] ?? [0, 0];
    });
    const details = fresh.querySelector("details.cancelled");
    if (details && opened) details.open = true;
    setClock(fresh.dataset.now);
    this.etag = `"${fresh.dataset.version}"`;
    this.changed = false;
    this.fetched = now();
    if (focused) {
      const again = (!inScroll && document.getElementById(kept)) || fresh.querySelector(".scroll");
      again?.focus({ preventScroll: true });
    }
    document.dispatchEvent(new Event("calendar-replaced"));
  }

  hear() {
    this.heard = now();
    this.element.querySelector(".stale").hidden = true;
  }

  tellStale() {
    const notice = this.element.querySelector(".stale");
    const time = new Date(this.heard).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    notice.textContent = this.element.dataset.stale.replace("{time}", time);
    notice.hidden = false;
  }
}
