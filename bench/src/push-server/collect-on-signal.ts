/** Loaded before a program (`node --expose-gc --import`): collects its garbage on SIGUSR2, so that what it keeps can be seen. */

process.on("SIGUSR2", () => {
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
});
