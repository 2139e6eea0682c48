// Shows where the ticket stands; sounds, vibrates and says so in the tab's title when it is called.
(() => {
  const phone = document.getElementById("phone");
  const turn = document.getElementById("turn");
  const notify = document.getElementById("notify");
  const title = document.title;
  let audio = null;

  if (notify) {
    notify.hidden = false;
    notify.addEventListener("click", () => {
      audio = new AudioContext();
      audio.resume();
      if ("wakeLock" in navigator) navigator.wakeLock.request("screen").catch(() => {});
      const said = document.createElement("p");
      said.className = "flash";
      said.textContent = notify.dataset.on;
      notify.replaceWith(said);
    });
  }

  function ring() {
    if (navigator.vibrate) navigator.vibrate([400, 150, 400, 150, 400]);
    if (!audio) return;
    for (let beat = 0; beat < 3; beat += 1) {
      const tone = audio.createOscillator();
      const level = audio.createGain();
      const start = audio.currentTime + beat * 0.6;
      tone.frequency.value = 784;
      level.gain.setValueAtTime(0.4, start);
      level.gain.exponentialRampToValueAtTime(0.001, start + 0.5);
      tone.connect(level).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.5);
    }
  }

  new Live(phone.dataset.events, phone.dataset.position, {
    turn: (event) => {
      turn.innerHTML = event.data;
      const go = turn.querySelector(".called .go");
      if (turn.querySelector(".done, .over")) document.getElementById("notify")?.remove();
      document.title = go ? `● ${go.textContent}` : title;
    },
    call: ring,
    beat: () => {},
  }, document.getElementById("lost"));
})();
