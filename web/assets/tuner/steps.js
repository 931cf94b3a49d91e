// @ts-check
// The steps of a history, for undo and redo.

/** @template T */
export class Steps {
  /** @param {T} first @param {number} [most] that are remembered */
  constructor(first, most = 100) {
    this.all = [first];
    this.at = 0;
    this.most = most;
  }
  /** @returns {T} */
  get now() { return this.all[this.at]; }
  get undoes() { return this.at > 0; }
  get redoes() { return this.at < this.all.length - 1; }
  /** A further step; those that were undone are forgotten. @param {T} next */
  push(next) {
    this.all = [...this.all.slice(0, this.at + 1), next].slice(-this.most);
    this.at = this.all.length - 1;
  }
  /** @returns {T} */
  undo() { if (this.undoes) this.at--; return this.now; }
  /** @returns {T} */
  redo() { if (this.redoes) this.at++; return this.now; }
}
