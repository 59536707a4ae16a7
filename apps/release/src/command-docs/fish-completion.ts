import type { CommandTable } from "narthex/command-tables";
import { placesOf, STANDARD_FLAGS } from "./places.ts";

/** Returns the completion script for fish, with the help text of each command and flag. */
export function fishCompletion(commands: readonly CommandTable[]): string {
  const places = placesOf(commands);
  const steps = places.slice(1).map(({ words }) => quoted(words));
  const rows = places.flatMap(({ words, flags, commands }) => {
    const at = `complete -c narthex -n ${quoted(`__narthex_at ${words}`)}`;
    return [
      ...commands.map(({ name, help }) => `${at} -f -a ${quoted(name)} -d ${quoted(help)}`),
      ...Object.entries(flags).flatMap(([name, flag]) => {
        const short = flag.short === undefined ? "" : ` -s ${flag.short}`;
        const row = `${at}${short} -l ${name}${flag.boolean ? "" : " -r"} -d ${quoted(flag.help)}`;
        return flag.boolean ? [row, `${at} -l no-${name} -d ${quoted(flag.help)}`] : [row];
      }),
    ];
  });
  const standard = Object.entries(STANDARD_FLAGS).map(
    ([name, help]) => `complete -c narthex -l ${name} -d ${quoted(help)}`,
  );
  return `# Completion of narthex for fish.
function __narthex_at
  set -l place narthex
  for word in (commandline -opc)[2..]
    switch "$place $word"
      case ${steps.join(" ")}
        set place "$place $word"
    end
  end
  test "$place" = "$argv"
end
${[...standard, ...rows].join("\n")}
`;
}

const quoted = (text: string): string =>
  `'${text.replaceAll(/\s+/g, " ").replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
