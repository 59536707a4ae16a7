/** Splits a shell script into commands. Continuation lines and here-documents belong to their command. */
export function commandsOf(script: string): string[] {
  const commands: string[] = [];
  let open: string[] = [];
  let endOfDocument: string | undefined;
  for (const line of script.split("\n")) {
    open.push(line);
    if (endOfDocument === undefined) endOfDocument = /<<-?\s*['"]?(\w+)/.exec(line)?.[1];
    else if (line.trim() === endOfDocument) endOfDocument = undefined;
    if (endOfDocument !== undefined || line.endsWith("\\")) continue;
    commands.push(open.join("\n"));
    open = [];
  }
  if (open.length > 0) commands.push(open.join("\n"));
  return commands.map(withoutComment).filter((command) => command !== "");
}

/** Removes a shell comment at the end of a command. The comment begins with blanks and "# ". */
const withoutComment = (command: string): string =>
  (command.includes("<<") ? command : command.replace(/(^|\s+)# .*$/, "")).trim();
