import { flagKinds } from "@narthex/runtime";

export const flags = {
  target: flagKinds.list([], "Machine to build for; may be repeated, or be several with commas between. Default: all."),
  format: flagKinds.list(
    [],
    "What to make: tar.gz, npm, libraries, deb or rpm; repeated or with commas. Default: all.",
  ),
  node: flagKinds.list(
    [],
    "TARGET=PATH: Node for a target, in place of the one from npm: its program, or the folder or .tar.gz that it comes in.",
  ),
  dirty: flagKinds.flag(false, "Builds a trial from a checkout with files or changes that are in no commit."),
  out: flagKinds.text("release", "Folder that the release is written to."),
};
