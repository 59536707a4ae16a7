/** The command cannot run with these arguments or files. The message is shown to the user. */
export class BacktestError extends Error {
  override readonly name = "BacktestError";
}
