/**
 * The parts of nodemailer for SMTP, loaded with the first mail. Both are imported by one file of ours. As separate
 * entries, the order of modules in their chunk, and so the bytes of a release, would depend on the path of the
 * checkout.
 */
export { default as Connection } from "nodemailer/lib/smtp-connection";
export { default as DataStream } from "nodemailer/lib/smtp-connection/data-stream";
