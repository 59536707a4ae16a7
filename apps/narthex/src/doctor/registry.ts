import type { Check } from "./check.ts";
import { clock } from "./checks/clock.ts";
import { config } from "./checks/config.ts";
import { disk } from "./checks/disk.ts";
import { faults } from "./checks/faults.ts";
import { limits } from "./checks/limits.ts";
import { permissions } from "./checks/permissions.ts";
import { ports } from "./checks/ports.ts";
import { receivers } from "./checks/receivers.ts";
import { stores } from "./checks/stores.ts";
import { targets } from "./checks/targets.ts";
import { versions } from "./checks/versions.ts";

/**
 * The checks of `narthex doctor` in the order of the report. To add a check, copy checks/versions.ts, change its name,
 * about and run, add the check here, add a test, and document it in docs/doctor.md.
 */
export const CHECKS: readonly Check[] = [
  config,
  ports,
  permissions,
  disk,
  limits,
  clock,
  versions,
  targets,
  receivers,
  stores,
  faults,
];
