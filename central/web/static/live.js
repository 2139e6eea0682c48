// A stream of events that says when it is cut off. The server sends something at least every
// quarter of a minute; silence for longer means that the network or the server is gone, also when
// the browser has not noticed.
const SILENCE_MS = 25000;

class Live {
  // position: of the last announcement the page already shows.
  constructor(url, position, hear, lost) {
    this.url = url;
    this.hear = hear;
    this.lost = lost;
    this.last = 0;
    this.position = position;
    this.connect();
    setInterval(() => this.look(), 1000);
  }

  connect() {
    if (this.source) this.source.close();
    this.started = Date.now();
    this.source = new EventSource(`${this.url}?after=${this.position}`);
    for (const [name, does] of Object.entries(this.hear)) {
      this.source.addEventListener(name, (event) => {
        this.last = Date.now();
        this.lost.hidden = true;
        this.position = event.lastEventId || this.position;
        does(event);
      });
    }
    this.source.onerror = () => { this.lost.hidden = false; };
  }

  look() {
    const quiet = Date.now() - Math.max(this.last, this.started);
    if (quiet > SILENCE_MS) {
      this.lost.hidden = false;
      this.connect();
    } else if (this.source.readyState === EventSource.CLOSED && quiet > 3000) {
      this.connect(); // the server answered with something else, as while it starts
    }
  }
}
