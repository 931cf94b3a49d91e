// @ts-check
// What the page says to who sets a camera up, and to who wants to know why one is silent.
import { format } from './time.js';

export const s = {
  title: 'First camera', another: 'Another camera', anotherLead: 'A camera that comes is shown at once in Live. These are its steps.',
  diagnosis: (/** @type {string} */ name) => `Diagnosis of ${name}`,
  lead: 'No camera has come yet. Each step is ticked as soon as the recorder sees it.',
  steps: /** @type {Record<string, [string, string]>} */ ({
    wifi: ['Camera on your Wi-Fi', 'Press the camera’s reset key until its light blinks, join the Wi-Fi it opens (Nax_…), and give it your Wi-Fi. README.md, “First camera”, has each step.'],
    dns: ['DNS query seen', 'The recorder answers DNS questions: have your router give its address as DNS server, then switch the camera off and on.'],
    http: ['HTTP register seen', 'Your router, Pi-hole or the recorder’s own DNS must answer the vendor’s names (*.naxclow.com) with the recorder’s address, and port 80 of it must be reachable: a firewall or another web server on the box is in the way most often.'],
    connect: ['Connects', 'TCP port 6123 must be reachable. The camera tries again every 30 s: wait a minute, then switch it off and on.'],
    mqtt: ['MQTT connect', 'TCP port 1883 must be reachable. The camera streams without it, but cannot be steered.'],
    udp: ['UDP answer', 'UDP port 6123 must pass in both directions. Wi-Fi isolation of guests stops it.'],
    approve: ['Approved', 'The recorder is told to ask before a new camera is let in (cloud.new_cameras).'],
    stream: ['Stream open', 'UDP port 6123 must pass in both directions. Wi-Fi isolation of guests stops it.'],
    frame: ['First picture', 'The stream is open and no whole picture has come: weak Wi-Fi. Move the camera nearer.'],
    sound: ['First sound', 'No sound has come. Some models have no microphone.'],
    file: ['First file closed', 'A file is closed on the clock, every few minutes. The schedule, a pause or the disk may keep the camera from being recorded.'],
  }),
  pending: 'not yet', waitingNow: 'waiting for this', seenAt: (/** @type {number} */ ms) => `seen ${format(ms, 'datetime')}`,
  lastSeen: (/** @type {number} */ ms) => `last seen ${format(ms, 'datetime')}`,
  since: 'Times since the recorder’s start.', next: 'Next step', fine: 'All is well: pictures come and are recorded.', ails: 'Pictures come and are recorded, but something is wrong with what the camera gives.',
  ailing: 'What is wrong', ailsSince: (/** @type {number} */ ms) => `since ${format(ms, 'datetime')}`,
  approve: 'Let it in', approved: 'The camera may stream', follows: 'follows from the registration', writing: (/** @type {string} */ file) => `being written: ${file}`,
  strangers: 'Seen on the network', strangersText: 'Addresses from which something came that has not said which camera it is.',
  demoTitle: 'No camera at hand?', demo: 'The recorder can play one: it comes in step by step as a real one does, and is recorded in the folder demo.', startDemo: 'Start the demo camera', stopDemoText: 'The demo camera leaves the wall. What was recorded of it stays until your rules delete it.',
  demoAdmin: 'An admin can have the recorder play one.',
  welcome: (/** @type {string} */ name) => `${name} is here`, welcomeText: 'Its first picture has come. What it is called and when it is recorded can be changed at any time.',
  name: 'Name', nameHint: 'Also the name of its folder', records: 'Records', modes: /** @type {Record<string, string>} */ ({ continuous: 'always', motion: 'on motion', off: 'never' }), zones: 'Draw zones', done: 'Done', saved: 'Saved',
};
