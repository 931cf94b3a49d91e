// @ts-check
// One camera in a small window of its own: what it sees now, and nothing else.
import { html, nothing } from '../lib/lit.js';
import { View } from '../core/dom.js';
import { live } from '../core/live.js';
import { route } from '../core/router.js';
import { pathOf, store } from '../core/store.js';
import { format } from '../core/time.js';
import './look.js';

class Mini extends View {
  constructor() {
    super();
    this.canvas = document.createElement('canvas');
    this.canvas.setAttribute('role', 'img');
    this.watched = '';
  }

  willUpdate() {
    const camera = store.camera(route().params.camera);
    if (!camera || camera.id === this.watched) return;
    this.watched = camera.id;
    document.title = camera.name;
    this.canvas.setAttribute('aria-label', camera.name);
    this.stop?.();
    const paper = this.canvas.getContext('2d', { alpha: false });
    this.stop = live.watch(camera.id, { fps: 10 }, async (jpeg, us) => {
      const bitmap = await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' }));
      [this.canvas.width, this.canvas.height] = [bitmap.width, bitmap.height];
      paper?.drawImage(bitmap, 0, 0);
      bitmap.close();
      const time = this.querySelector('time');
      if (time) time.textContent = format(us / 1000);
    });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stop?.();
    this.watched = '';
  }

  render() {
    const camera = store.camera(route().params.camera);
    return html`<div class="tl-mini">${this.canvas}${camera ? html`<a class="tl-plate" href="/live/${pathOf(camera)}">${camera.name} <time></time></a>` : nothing}</div>`;
  }
}

customElements.define('v-mini', Mini);
