export { listen, ListenError, type Listener } from "./listener.ts";
export { openOperationsPort, type OperationsPortOptions, type Readiness } from "./operations-port.ts";
export { createProgramLog, type ProgramLog, type ProgramLogOptions } from "./program-log.ts";
export { Scrubber, type ScrubberOptions } from "./scrubber.ts";
export { untilStopped, type UntilStoppedOptions } from "./until-stopped.ts";
