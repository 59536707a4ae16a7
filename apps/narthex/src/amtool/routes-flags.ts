import { flagKinds } from "@narthex/runtime";

/** Flags of `config routes` and the commands below it. */
export const routesFlags = {
  "config.file": flagKinds.text("", "Config file to be tested; wins over --alertmanager.url."),
};
