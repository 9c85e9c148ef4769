import { expect } from "chai";
import { PageState } from "./page-state.ts";

describe("the state of the connection on the page", () => {
  it("is an event at once, and classes that do not flicker when the connection is back within three seconds", async () => {
    const heard: string[] = [];
    const record = (event: Event): void =>
      void heard.push((event as CustomEvent<{ state: string }>).detail.state);
    document.body.addEventListener("pat-push-state", record);
    const changes: string[] = [];
    const state = new PageState();
    state.show("connecting");
    state.show("open");
    expect(classes()).to.deep.equal(["push-online"]);
    const observer = new MutationObserver(() => changes.push(classes().join()));
    observer.observe(document.body, { attributes: true });
    for (const next of ["waiting", "connecting", "waiting", "connecting"] as const) {
      state.show(next);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    state.show("open");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(changes).to.deep.equal([]);
    state.show("waiting");
    await new Promise((resolve) => observer.takeRecords() && setTimeout(resolve, 3200));
    expect(classes()).to.deep.equal(["push-offline"]);
    state.show("signed-out");
    expect(classes()).to.deep.equal(["push-signed-out"]);
    state.show("stopped");
    expect(classes()).to.deep.equal(["push-stopped"]);
    state.close();
    expect(classes()).to.deep.equal([]);
    observer.disconnect();
    document.body.removeEventListener("pat-push-state", record);
    expect(heard).to.deep.equal([
      "connecting",
      "open",
      "waiting",
      "connecting",
      "waiting",
      "connecting",
      "open",
      "waiting",
      "signed-out",
      "stopped",
    ]);
  });
});

function classes(): string[] {
  return [...document.body.classList].filter((name) => name.startsWith("push-"));
}
