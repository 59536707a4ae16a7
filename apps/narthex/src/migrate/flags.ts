import { flagKinds } from "@narthex/runtime";

/** Flags of `narthex migrate`. */
export const flags = {
  "from-processes": flagKinds.flag(false, "Read the programs that run on this machine."),
  "from-process": flagKinds.list([], "Read the program that runs under this number. Repeatable."),
  "from-unit": flagKinds.list([], "Read a unit of systemd: its name, or its file. Repeatable."),
  "from-compose": flagKinds.list(
    [],
    "Read a compose file, or a folder that has one. Repeatable: a later file changes those before it, as for docker compose.",
  ),
  "grafana-database": flagKinds.text(
    "",
    "Grafana's database, or a copy of it, where it cannot be read in its place: grafana.db.",
  ),
  role: flagKinds.list(
    [],
    "Take over this role alone: server, alertmanager, and so on. Repeatable. Default: all that are found.",
  ),
  "output-dir": flagKinds.text(
    "narthex-migrate",
    "Folder that --apply writes to. Compose files are written beside those that are read.",
  ),
  "image-prefix": flagKinds.text("narthex/", "What the names of the images begin with in compose files."),
  "image-tag": flagKinds.text("", "Tag of the images in compose files. Default: none, which is latest."),
  apply: flagKinds.flag(
    false,
    "Write the files of the plan. Nothing is stopped or started: that is what the scripts among them are for.",
  ),
  force: flagKinds.flag(
    false,
    "With --apply: write files that are there already; what was there is kept beside them as .bak.",
  ),
  json: flagKinds.flag(false, "Print the plan as JSON, for scripts."),
};
