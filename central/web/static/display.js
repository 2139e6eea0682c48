// The board: shows what the server says, sounds a chime and says each call once, one at a time.
(() => {
  const display = document.getElementById("display");
  const board = document.getElementById("board");
  const sound = document.getElementById("sound");
  const voices = display.dataset.voice.split(" ").filter(Boolean);
  const STALE_S = 60; // an older call is shown, not said: whoever was meant has gone
  const waiting = [];
  const said = new Set();
  let speaking = false;
  let audio = null;

  document.body.dataset.calls = "0";

  function begin() {
    if (!voices.length) return;
    audio = audio || new AudioContext();
    sound.hidden = audio.state === "running";
    audio.resume().then(() => { sound.hidden = audio.state === "running"; });
  }
  sound.addEventListener("click", begin);
  document.addEventListener("keydown", begin);
  begin();

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  // Two soft notes, a third apart, as in a railway hall.
  async function chime() {
    if (!audio || audio.state !== "running") return;
    for (const [hertz, at] of [[659.25, 0], [523.25, 0.35]]) {
      const tone = audio.createOscillator();
      const level = audio.createGain();
      const start = audio.currentTime + at;
      tone.frequency.value = hertz;
      level.gain.setValueAtTime(0, start);
      level.gain.linearRampToValueAtTime(0.35, start + 0.02);
      level.gain.exponentialRampToValueAtTime(0.001, start + 0.9);
      tone.connect(level).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 1);
    }
    await pause(1100);
  }

  // The server's voice; where it has none, the browser's.
  async function say(call, language) {
    const answer = await fetch(`/display/speech/${call.position}.wav?language=${language}`).catch(() => null);
    if (answer && answer.ok && audio && audio.state === "running") {
      const sample = await audio.decodeAudioData(await answer.arrayBuffer());
      const source = audio.createBufferSource();
      source.buffer = sample;
      source.connect(audio.destination);
      source.start();
      await pause(sample.duration * 1000 + 200);
    } else if (!(answer && answer.ok) && "speechSynthesis" in window) {
      const words = new SpeechSynthesisUtterance(call.said[language]);
      words.lang = language === "vi" ? "vi-VN" : "en-GB";
      const done = new Promise((end) => { words.onend = end; words.onerror = end; });
      speechSynthesis.speak(words);
      await Promise.race([done, pause(12000)]);
    }
  }

  async function next() {
    if (speaking) return;
    speaking = true;
    while (waiting.length) {
      const call = waiting.shift();
      document.body.dataset.saying = call.number;
      try {
        await chime();
        for (const language of voices) await say(call, language);
      } catch (error) {
        console.warn(`no sound: ${error}`);
      }
      delete document.body.dataset.saying;
      document.body.dataset.calls = String(Number(document.body.dataset.calls) + 1);
    }
    speaking = false;
  }

  new Live("/display/events", display.dataset.position, {
    board: (event) => { board.innerHTML = event.data; },
    call: (event) => {
      const call = JSON.parse(event.data);
      if (said.has(call.position)) return;
      said.add(call.position);
      const age = Date.now() / 1000 - call.at;
      if (voices.length && age < STALE_S) {
        waiting.push(call);
        next();
      }
    },
  }, document.getElementById("lost"));

  const clock = document.getElementById("clock");
  const tick = () => { clock.textContent = new Date().toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", timeZone: display.dataset.zone }); };
  tick();
  setInterval(tick, 1000);
})();
