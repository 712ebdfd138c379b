// Looks every other second whether what is waited for has moved on, and shows it; errors only make it look again later.
const box = document.querySelector("[data-waiting]");
const look = async () => {
  try {
    const answer = await fetch(box.dataset.waiting, { headers: { Accept: "application/json" } });
    if (answer.redirected || answer.status === 404 || (answer.ok && (await answer.json()).state !== box.dataset.state)) {
      window.location.reload();
      return;
    }
  } catch {
    // The network is away for a moment.
  }
  setTimeout(look, 2000);
};
if (box) setTimeout(look, 2000);
