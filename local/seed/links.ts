/** The demo's NTTN link, over VLANs of the simulated core router: added once the router's interfaces are known. */
import { type ApiClient, expectOk } from './client.ts';

const LINK = { id: 'nttn', name: 'NTTN (simulated)', router: 'core-router', committedMbps: 800 };
const LOOK_EVERY_MS = 500;
/** By then the router has been read, or never will be. */
const INTERFACES_MS = 60_000;

/** Throws what the API said when the interfaces do not come. What a user changed of it, or removed with its router, stays. */
export async function seedLink(demo: ApiClient): Promise<void> {
  const until = Date.now() + INTERFACES_MS;
  for (;;) {
    if ((await demo.get(`/v1/links/${LINK.id}`)).status === 200) return;
    const added = await demo.send('POST', '/v1/links', LINK);
    if (added.status !== 422 || Date.now() > until) return expectOk('the link', added);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
