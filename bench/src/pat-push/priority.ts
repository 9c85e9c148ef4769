/** On a machine that others use, too, what is measured goes first: every process of the browser, and this one. */
import { writeFile } from "node:fs/promises";
import type { Browser } from "playwright-core";

/** As nice values (sched(7), "The autogroup feature"). */
const PRIORITY = "-15";

/** Call it once the page is open, whose process it is about. Without the right to do so nothing changes. */
export async function goFirst(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const ids = [process.pid, ...processInfo.map(({ id }) => id)];
  await Promise.all(ids.map((id) => writeFile(`/proc/${id}/autogroup`, PRIORITY).catch(() => undefined)));
}
