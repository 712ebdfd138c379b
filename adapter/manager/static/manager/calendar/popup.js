// The pop-up: a native dialog (the browser keeps the focus inside, Escape closes it, the focus goes back), filled with
// parts of pages that also exist as pages of their own.

const HEADERS = { "X-Fragment": "pop-up" };
const plain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

export class Popup {
  constructor(dialog) {
    this.dialog = dialog;
    this.opener = null;
    this.running = 0; // number of the last question: later answers to earlier ones are dropped
    this.updating = Promise.resolve();
    this.posting = null; // what is being done at this moment: nothing else is asked meanwhile
    this.leaving = false;
    dialog.addEventListener("submit", (event) => this.submit(event));
    dialog.addEventListener("change", (event) => this.changed(event));
    dialog.addEventListener("close", () => this.closed());
    dialog.addEventListener("pointerdown", (event) => { if (event.target === dialog && this.outside(event)) dialog.close(); });
    document.addEventListener("calendar-changed", () => this.update());
  }

  get isOpen() {
    return this.dialog.open;
  }

  outside(event) {
    const box = this.dialog.getBoundingClientRect();
    return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
  }

  takeClick(event) {
    const link = event.target.closest?.("a[data-dialog], a[data-slot], [data-close]");
    if (!link || event.defaultPrevented || !plain(event)) return;
    if (link.matches("[data-close]")) {
      if (!this.dialog.contains(link)) return;
      event.preventDefault();
      this.dialog.close();
    } else if (link.matches("[data-slot]")) {
      if (!this.dialog.contains(link)) return;
      event.preventDefault();
      this.choose(link.dataset.day, link.dataset.time);
    } else {
      event.preventDefault();
      this.open(link.href, this.dialog.contains(link) ? this.opener : link);
    }
  }

  async open(url, opener) {
    this.opener = opener;
    if (!this.isOpen) {
      this.forget();
      const wait = document.createElement("p");
      wait.id = "popup-title";
      wait.textContent = this.dialog.dataset.loading;
      this.dialog.replaceChildren(wait);
      this.dialog.showModal();
    }
    await this.ask(url, {}, (html) => this.fill(html));
  }

  // Ask the server; hand the HTML of its answer to `use`, or go where it says.
  async ask(url, options, use) {
    const number = ++this.running;
    this.dialog.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { ...options, headers: HEADERS, credentials: "same-origin" });
      if (answer.redirected) {
        location.reload(); // to the log-in page
        return;
      }
      if (answer.status === 201) {
        // Closed meanwhile: the agent is led nowhere. The calendar shows what is held, with the way to the form.
        if (number !== this.running || !this.isOpen) return;
        this.leaving = true;
        location.assign(answer.headers.get("Location"));
        return;
      }
      if (!answer.ok && answer.status !== 409) throw new Error(`HTTP ${answer.status}`);
      const html = await answer.text();
      if (number === this.running && this.isOpen) use(html);
    } catch {
      if (number === this.running && this.isOpen) this.failed();
    }
    if (number === this.running) this.dialog.removeAttribute("aria-busy");
  }

  fill(html) {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    this.dialog.replaceChildren(...parsed.body.childNodes);
    for (const element of this.dialog.querySelectorAll("[data-no-script]")) element.hidden = true;
    const first = this.dialog.querySelector("[autofocus]:not([disabled])") ?? this.dialog.querySelector("#popup-title");
    first?.focus();
    document.dispatchEvent(new Event("popup-filled"));
  }

  failed() {
    let notice = this.dialog.querySelector(".failed");
    if (!notice) {
      notice = document.createElement("div");
      notice.className = "errornotice failed";
      notice.setAttribute("role", "alert");
      this.dialog.append(notice);
    }
    notice.textContent = this.dialog.dataset.failed;
  }

  async submit(event) {
    event.preventDefault();
    const form = event.target;
    if (form.matches("[data-choice]")) {
      this.update();
      return;
    }
    if (this.posting || this.leaving) return;
    const mine = {};
    this.posting = mine;
    // What was chosen last must be in the form before it goes.
    await this.updating;
    if (this.posting === mine && form.isConnected && !form.querySelector(".submit-button[disabled]")) {
      this.wait();
      await this.ask(form.action, { method: "POST", body: new FormData(form) }, (html) => this.fill(html));
    }
    if (this.posting !== mine) return; // closed meanwhile: what is there now is of something else
    if (!this.leaving) this.dialog.querySelector(".waiting")?.remove();
    this.posting = null;
  }

  // w.c.s. may take its time: that something goes on is seen and heard.
  wait() {
    const told = document.createElement("p");
    told.className = "waiting";
    told.setAttribute("role", "status");
    this.dialog.append(told);
    told.textContent = this.dialog.dataset.loading;
  }

  changed(event) {
    const form = event.target.closest("[data-choice]");
    if (form) this.update();
  }

  choose(day, time) {
    const form = this.dialog.querySelector("[data-choice]");
    form.elements.day.value = day;
    this.update({ day, time }, "[data-part=go]");
  }

  // Ask what fits the fields as they are now, and show it without disturbing the field that is being used.
  update(values = {}, focus = "") {
    const form = this.isOpen && this.dialog.querySelector("[data-choice]");
    // A date that is being typed is none yet; one that is out of range is answered by the server, with the nearest slots.
    // While the slot is being held it is not free for anybody, and the answer that is awaited says more.
    if (!form || this.posting || form.elements.day?.validity.badInput || form.elements.day?.validity.valueMissing) return;
    const query = new URLSearchParams(new FormData(form));
    for (const [name, value] of Object.entries(values)) query.set(name, value);
    this.updating = this.ask(`${form.getAttribute("action")}?${query}`, {}, (html) => {
      const parsed = new DOMParser().parseFromString(html, "text/html");
      for (const part of this.dialog.querySelectorAll("[data-part]")) {
        const fresh = parsed.querySelector(`[data-part="${part.dataset.part}"]`);
        if (fresh) replacePart(part, fresh);
      }
      if (focus) this.dialog.querySelector(focus)?.focus();
    });
  }

  // Whatever was asked or done before concerns nobody any more.
  forget() {
    this.leaving = false;
    this.posting = null;
    this.running += 1;
    this.dialog.removeAttribute("aria-busy");
  }

  closed() {
    // Browsers tell it a moment later: it may be open again, for something else.
    if (this.isOpen) return;
    this.forget();
    this.dialog.replaceChildren();
    const place = this.opener?.isConnected ? this.opener : document.querySelector("#calendar [tabindex='0']");
    place?.focus();
  }
}

function replacePart(part, fresh) {
  if (part.matches("select")) {
    part.innerHTML = fresh.innerHTML;
  } else if (part.matches("input")) {
    part.min = fresh.min;
    part.max = fresh.max;
    if (part !== document.activeElement) part.value = fresh.value;
  } else if (part.matches("button")) {
    part.disabled = fresh.disabled;
  } else if (part.innerHTML !== fresh.innerHTML) {
    part.innerHTML = fresh.innerHTML;
  }
}
