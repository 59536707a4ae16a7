/** The part of nodemailer that sends mails, loaded with the first mail. Most installations send none. */
export { createTransport } from "nodemailer";
