// Preloaded into a server: appends a line after each call that changes a file or syncs a file to the disk.
// NARTHEX_FILE_CALLS names the file with these lines.
"use strict";
const fs = require("node:fs");
const promises = require("node:fs/promises");
const { syncBuiltinESMExports } = require("node:module");

const { appendFileSync, openSync, open } = fs;
const log = process.env.NARTHEX_FILE_CALLS;

/** The paths of this thread's open files, by descriptor. */
const paths = new Map();
fs.openSync = (...args) => {
  const file = openSync(...args);
  paths.set(file, String(args[0]));
  return file;
};
fs.open = (...args) => {
  const done = args.pop();
  open(...args, (error, file) => {
    if (!error) paths.set(file, String(args[0]));
    done(error, file);
  });
};
const pathOf = (subject) => (typeof subject === "number" ? (paths.get(subject) ?? "") : String(subject));
const note = (call, subject, other = "") => appendFileSync(log, `${call}\t${pathOf(subject)}\t${other}\n`);

const CALLS = { fsync: "sync", fdatasync: "sync", write: "write", writev: "write", rename: "rename", unlink: "remove" };
for (const [name, call] of Object.entries(CALLS)) {
  const other = (args) => (call === "rename" ? args[1] : "");
  const sync = fs[`${name}Sync`];
  fs[`${name}Sync`] = (...args) => {
    const result = sync(...args);
    note(call, args[0], other(args));
    return result;
  };
  const later = fs[name];
  fs[name] = (...args) => {
    const done = args.pop();
    later(...args, (error, ...results) => {
      if (!error) note(call, args[0], other(args));
      done(error, ...results);
    });
  };
}

const { open: openHandle, rename } = promises;
promises.rename = async (from, to) => {
  await rename(from, to);
  note("rename", from, to);
};
promises.open = async (...args) => {
  const handle = await openHandle(...args);
  for (const [name, call] of [
    ["sync", "sync"],
    ["datasync", "sync"],
    ["writeFile", "write"],
    ["write", "write"],
  ]) {
    const own = handle[name].bind(handle);
    handle[name] = async (...given) => {
      const result = await own(...given);
      note(call, args[0]);
      return result;
    };
  }
  return handle;
};
syncBuiltinESMExports();
