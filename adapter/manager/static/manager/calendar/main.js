// The calendar of an agenda. Everything here makes quicker what works without a script too.
import { watchPointer } from "./pointer.js";
import { Popup } from "./popup.js";
import { watchKeys } from "./keys.js";
import { countDown } from "./countdown.js";
import { Refresher } from "./refresh.js";

const popup = new Popup(document.getElementById("popup"));
const refresher = new Refresher(popup);

function dress() {
  watchPointer(popup);
  watchKeys();
}

document.addEventListener("calendar-replaced", dress);
document.addEventListener("click", (event) => popup.takeClick(event));
popup.dialog.addEventListener("close", () => refresher.look());
// A week or a long day begins at what matters: today, and the present hour.
const scroll = document.querySelector(".board-scroll");
const today = scroll?.querySelector(".column.today");
if (today) {
  const line = today.querySelector(".now");
  scroll.scrollLeft = today.offsetLeft - scroll.querySelector(".hours").offsetWidth;
  scroll.scrollTop = line.offsetTop - scroll.clientHeight / 2;
}
dress();
countDown(() => refresher.refresh());
refresher.start();
