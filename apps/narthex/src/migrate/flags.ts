import { flagKinds } from "@narthex/runtime";

/** Prefix of the names of images that were built on this machine. */
export const DEFAULT_PREFIX = "narthex/";

export const flags = {
  "from-processes": flagKinds.flag(false, "Read the programs that run on this machine."),
  "from-process": flagKinds.list([], "Read the running program with this process id. Repeatable."),
  "from-unit": flagKinds.list([], "Read a unit of systemd: its name, or its file. Repeatable."),
  "from-compose": flagKinds.list(
    [],
    "Read a compose file, or a folder with one. Repeatable: a later file overrides earlier ones, as for docker compose.",
  ),
  "grafana-database": flagKinds.text(
    "",
    "Grafana's database grafana.db, or a copy, if it cannot be read in its own place.",
  ),
  role: flagKinds.list(
    [],
    "Migrate only this role: server, alertmanager, and so on. Repeatable. Default: all found roles.",
  ),
  "output-dir": flagKinds.text(
    "narthex-migrate",
    "Folder that --apply writes to. New compose files are written next to the existing ones.",
  ),
  "image-prefix": flagKinds.text(
    DEFAULT_PREFIX,
    "Prefix of image names in compose files. With the default, images are never pulled.",
  ),
  "image-tag": flagKinds.text("", "Tag of the images in compose files. Default: none, which is latest."),
  apply: flagKinds.flag(
    false,
    "Write the files of the plan. This stops and starts nothing; the written scripts do that.",
  ),
  force: flagKinds.flag(false, "With --apply: overwrite existing files; the old ones are kept next to them as .bak."),
  json: flagKinds.flag(false, "Print the plan as JSON, for scripts."),
};
