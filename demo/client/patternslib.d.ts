// What the bundle uses of Patternslib, which has no types of its own.
declare module "@patternslib/patternslib/src/core/registry.js" {
  const registry: { init(): void };
  export default registry;
}
