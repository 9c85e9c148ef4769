/** Listens to the push server beside a browser, as its user: what the pages of that user get, as it is on the wire. */
import type { Page } from "playwright-core";
import type { MessageBody } from "push-protocol";

export interface Listener {
  readonly messages: readonly MessageBody[];
  close(): void;
}

export async function listen(page: Page): Promise<Listener> {
  const { origin } = new URL(page.url());
  const cookies = await page.context().cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const messages: MessageBody[] = [];
  // Headers are Node's own addition to WebSocket.
  const options = { headers: { cookie, origin } } as unknown as string[];
  const socket = new WebSocket(`${origin.replace("http", "ws")}/push/websocket`, options);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "hello" })));
    socket.addEventListener("error", () => reject(new Error("The push server lets no listener in.")));
    socket.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(data as string) as { type: string; message?: MessageBody };
      if (frame.type === "welcome") resolve();
      if (frame.message) messages.push(frame.message);
    });
  });
  return { messages, close: () => socket.close() };
}
