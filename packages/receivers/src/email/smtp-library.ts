/**
 * The parts of nodemailer for SMTP, which are loaded with the first mail. This one file imports both. As separate
 * entries, the order of modules in their chunk, and so the bytes of a release, would depend on the path of the
 * checkout.
 */
export { default as Connection } from "nodemailer/lib/smtp-connection";
export { default as DataStream } from "nodemailer/lib/smtp-connection/data-stream";
