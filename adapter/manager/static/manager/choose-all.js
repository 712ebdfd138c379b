// One box that ticks all boxes of the same form; shown only where scripts run.
for (const all of document.querySelectorAll("[data-choose-all]")) {
  const boxes = [...all.form.querySelectorAll(`input[type=checkbox][name="${all.dataset.chooseAll}"]`)];
  const follow = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.closest("label").hidden = false;
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  boxes.forEach((box) => box.addEventListener("change", follow));
}
