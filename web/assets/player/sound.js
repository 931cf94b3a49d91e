// @ts-check
// Sound: blocks of 200 ms laid one behind the other on the sound card's clock. The context is made in the
// first tap: before it there is none.

/** Blocks are handed over this much (s) before they are heard. */
const lead = 0.5;
const fade = 0.01;
/** Off by less (s): joined as it is. By less than far: played a little slower or faster. By more: cut. */
const near = 0.008, far = 0.04;

export class Speaker {
  /** @param {() => void} changed it can be heard now, or not any more */
  constructor(changed = () => {}) {
    this.changed = changed;
    this.waking = false;
    /** @type {AudioContext|undefined} */
    this.context = undefined;
    /** @type {{us: number, samples: Float32Array<ArrayBuffer>, rate: number}[]} not handed over yet */
    this.waiting = [];
    /** @type {Set<{source: AudioBufferSourceNode, gain: GainNode}>} */
    this.playing = new Set();
    this.end = 0; // by the context's clock, of what was handed over
    this.volume = 1;
    /** How far, in s, the block handed over last was off its place: for who measures. */
    this.off = 0;
  }

  /** To be called in a tap: browsers give sound to people alone. @returns {Promise<boolean>} whether it can be heard */
  async wake() {
    this.waking = true;
    try {
      if (!this.context) {
        this.context = new AudioContext({ latencyHint: 'interactive' });
        // 'interrupted' is what iOS calls it while somebody telephones.
        this.context.onstatechange = () => { if (!this.waking) this.changed(); };
      }
      if (this.context.state !== 'running') await Promise.race([this.context.resume(), new Promise((go) => setTimeout(go, 300))]);
    } catch {
      return false;
    } finally {
      this.waking = false;
    }
    return this.audible;
  }

  get audible() {
    return this.context?.state === 'running';
  }

  /**
   * Seconds of the context's clock that are heard at this moment. It is finer than currentTime, which goes in steps.
   * @returns {number}
   */
  heard = () => {
    const context = this.context;
    if (!context) return 0;
    const late = context.outputLatency || context.baseLatency || 0;
    const stamp = context.getOutputTimestamp?.();
    const rough = context.currentTime - late;
    if (!stamp?.performanceTime || stamp.contextTime === undefined) return rough;
    const fine = stamp.contextTime + (performance.now() - stamp.performanceTime) / 1000;
    return Math.abs(fine - rough) < 0.15 ? fine : rough;
  };

  /** What must pass before a block that is handed over now can be heard, in s. */
  get delay() {
    return this.context ? Math.max(0, this.context.currentTime - this.heard()) + 0.04 : 0;
  }

  /** @param {{us: number, samples: Float32Array<ArrayBuffer>, rate: number}} block */
  push(block) {
    this.waiting.push(block);
    if (this.waiting.length > 100) this.waiting.shift(); // 20 s: nobody took them
  }

  /** Hands over what is heard soon. @param {import('./clock.js').Clock} clock */
  schedule(clock) {
    const context = this.context;
    if (!context || !clock.running || clock.ticker !== this.heard) return;
    for (let block; (block = this.waiting[0]);) {
      const due = clock.due(block.us), length = block.samples.length / block.rate;
      if (due > this.heard() + lead + this.delay) return;
      this.waiting.shift();
      if (due + length < context.currentTime) continue; // too late
      this.#lay(context, block, due, length);
    }
  }

  /** @param {AudioContext} context @param {{samples: Float32Array<ArrayBuffer>, rate: number}} block @param {number} due @param {number} length */
  #lay(context, block, due, length) {
    const buffer = context.createBuffer(1, block.samples.length, block.rate);
    buffer.copyToChannel(block.samples, 0);
    const source = new AudioBufferSourceNode(context, { buffer });
    const gain = new GainNode(context, { gain: this.volume });
    source.connect(gain).connect(context.destination);
    const off = due - this.end;
    this.off = off;
    let at = due, skip = 0;
    if (Math.abs(off) <= far) {
      at = this.end;
      if (Math.abs(off) > near) source.playbackRate.value = off > 0 ? 0.995 : 1.005;
    }
    if (at < context.currentTime) {
      skip = context.currentTime - at;
      at = context.currentTime;
    }
    if (at !== this.end || skip) {
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(this.volume, at + fade);
    }
    source.start(at, skip);
    this.end = at + (length - skip) / source.playbackRate.value;
    const voice = { source, gain };
    this.playing.add(voice);
    source.onended = () => this.playing.delete(voice);
  }

  /** Nothing of what was there before is heard any more. */
  flush() {
    this.waiting = [];
    this.silence();
  }

  /** Silence, with a short fade; what waits is heard when its time comes. */
  silence() {
    this.end = 0;
    const now = this.context?.currentTime ?? 0;
    for (const { source, gain } of this.playing) {
      gain.gain.cancelScheduledValues(now);
      gain.gain.setTargetAtTime(0, now, fade / 3);
      source.stop(now + fade);
    }
    this.playing.clear();
  }

  async close() {
    this.flush();
    await this.context?.close();
    this.context = undefined;
  }
}
