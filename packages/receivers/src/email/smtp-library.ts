/**
 * The parts of nodemailer that speak SMTP, loaded with the first mail. One file of ours imports both: if the bundler met them as
 * entries of their own, the order of modules in their chunk, and so the bytes of a release, would depend on where a checkout is.
 */
export { default as Connection } from "nodemailer/lib/smtp-connection";
export { default as DataStream } from "nodemailer/lib/smtp-connection/data-stream";
