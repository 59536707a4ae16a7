export interface Question {
  readonly question: string;
  /** Path of the page on the site, with an anchor if the page has several parts. */
  readonly answeredOn: string;
  /** A regular expression that the answer on the page must match, whatever its wording. */
  readonly says: RegExp;
}

export const QUESTIONS: readonly Question[] = [
  { question: "What is a metric, a label, a scrape?", answeredOn: "concepts.html#label", says: /name/ },
  { question: "How do I start it with Docker?", answeredOn: "docker.html", says: /docker compose up/ },
  {
    question: "How do I start it without Docker and without Node?",
    answeredOn: "install.html#archive",
    says: /narthex up/,
  },
  { question: "How do I run it on Kubernetes?", answeredOn: "kubernetes.html", says: /kubectl apply -k/ },
  { question: "How do I have my own service watched?", answeredOn: "first-service.html", says: /scrape_configs/ },
  { question: "How am I told by e-mail?", answeredOn: "alerts.html#mail", says: /smtp_smarthost|email_configs/ },
  { question: "How am I told in Slack?", answeredOn: "alerts.html#slack", says: /webhook/ },
  { question: "How do I keep others out?", answeredOn: "web-config.html", says: /basic_auth_users/ },
  {
    question: "How long are samples kept, and how do I change that?",
    answeredOn: "flags/server.html#--storagetsdbretentiontime",
    says: /15d/,
  },
  { question: "Something does not work: what is wrong?", answeredOn: "doctor.html", says: /narthex doctor/ },
  {
    question: "What of my Prometheus keeps working?",
    answeredOn: "move-from-prometheus.html",
    says: /prometheus\.yml/,
  },
  { question: "How do I see processors, memory and disks?", answeredOn: "hosts.html", says: /node-exporter|node_/ },
  { question: "Where are my dashboards of Grafana?", answeredOn: "dashboards.html", says: /Grafana/ },
];
