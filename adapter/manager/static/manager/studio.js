// Says that files are too big before they are sent, and takes files that are dropped anywhere on the form.
const input = document.getElementById("s-files");
if (input) {
  const judge = () => {
    const bytes = [...input.files].reduce((sum, file) => sum + file.size, 0);
    input.setCustomValidity(bytes > Number(input.dataset.most) ? input.dataset.tooBig : "");
  };
  input.addEventListener("change", judge);
  const form = input.form;
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      judge();
    }
  });
}
