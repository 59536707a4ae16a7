import { CommandError } from "../command-line/command.ts";
import { markedXml } from "./written-mark.ts";
import { escapeXml, unescapeXml } from "./xml-text.ts";

export class TaskError extends CommandError {
  override readonly name = "TaskError";
}

export interface ScheduledTask {
  /** Path of the task in the scheduler, such as `\Narthex\prometheus`. */
  readonly path: string;
  readonly description: string;
  /** Windows security identifier of the user that runs the task, such as `S-1-5-19`. */
  readonly user: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** File to which the output is appended. */
  readonly log: string;
}

/**
 * Returns the XML of a task that starts with the machine and is restarted one minute after a failure, at most 999
 * times. The task has no time limit; the scheduler's default would be three days. The second line contains a digest by
 * which manual changes are detected. Throws TaskError.
 */
export function taskXml(task: ScheduledTask): string {
  const body = `<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>${escapeXml(task.description)}</Description>
    <URI>${escapeXml(task.path)}</URI>
  </RegistrationInfo>
  <Triggers>
    <BootTrigger>
      <Enabled>true</Enabled>
    </BootTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${escapeXml(task.user)}</UserId>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>5</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>cmd.exe</Command>
      <Arguments>${escapeXml(shellArguments(task))}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
  return `<?xml version="1.0" encoding="UTF-16"?>\n${markedXml(body)}`;
}

/**
 * Returns the arguments for cmd.exe: rename the previous log, set variables, run the program and append its output to
 * the log. cmd.exe removes the outermost quotes.
 */
function shellArguments({ command, environment, log }: ScheduledTask): string {
  const variables = Object.entries(environment).map(([name, value]) => `set ${quoted(`${name}=${value}`)}&& `);
  const file = quoted(log);
  const rotation = `move /y ${file} ${quoted(`${log}.old`)} >nul 2>&1 & `;
  return `/d /s /c "${rotation}${variables.join("")}${command.map(quoted).join(" ")} >> ${file} 2>&1"`;
}

/**
 * Quotes a word. Within quotes, cmd.exe changes only `%`, which is refused. Backslashes at the end are doubled for the
 * program.
 */
function quoted(word: string): string {
  if (/["%\u0000-\u001f]/.test(word))
    throw new TaskError(
      `${JSON.stringify(word)}: a task's command line cannot contain quotes, % or line breaks; put the value into a file`,
    );
  return `"${word.replace(/\\+$/, "$&$&")}"`;
}

/** Returns the command line of a task that `taskXml` has written. Undefined for a text without a command line. */
export function taskCommand(text: string): readonly string[] | undefined {
  const line = /<Arguments>\/d \/s \/c "(.*) &gt;&gt; "[^"]*" 2&gt;&amp;1"<\/Arguments>/s.exec(text)?.[1];
  if (line === undefined) return undefined;
  const command = unescapeXml(line)
    .replace(/^move \/y "[^"]*" "[^"]*" >nul 2>&1 & /, "")
    .replace(/^(?:set "[^"]*"&& )*/, "");
  return [...command.matchAll(/"([^"]*)"/g)].map(([, word]) => word!.replace(/(\\+)\1$/, "$1"));
}
