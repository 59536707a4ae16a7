/** What Go says of a file that cannot be read. */
export function readProblem(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return `open ${path}: no such file or directory`;
  if (code === "EACCES") return `open ${path}: permission denied`;
  return code === "EISDIR" ? `read ${path}: is a directory` : message;
}
