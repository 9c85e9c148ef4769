/** The features of pat-push that have a page of their own, in the order of the overview. */
import { actions } from "./features/actions.ts";
import { announce } from "./features/announce.ts";
import { calm } from "./features/calm.ts";
import { desktop } from "./features/desktop.ts";
import type { Feature } from "./features/feature.ts";
import { inject } from "./features/inject.ts";
import { objects } from "./features/objects.ts";
import { progress } from "./features/progress.ts";
import { pushId } from "./features/push-id.ts";
import { reconnecting } from "./features/reconnecting.ts";
import { tabs } from "./features/tabs.ts";
import { toasts } from "./features/toasts.ts";
import { transition } from "./features/transition.ts";
import { versions } from "./features/versions.ts";

export const FEATURES: readonly Feature[] = [
  inject,
  pushId,
  objects,
  versions,
  actions,
  calm,
  progress,
  toasts,
  desktop,
  announce,
  transition,
  reconnecting,
  tabs,
];
