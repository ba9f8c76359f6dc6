/** What a pod answers: `closed` does not listen; the others are described in parts/ipamd-metrics/main.go. */
export type IpamdMode =
  | ''
  | '404'
  | '500'
  | '503'
  | 'closed'
  | 'cut'
  | 'eof'
  | 'garbage'
  | 'hang'
  | 'huge'
  | 'not-http'
  | 'redirect'
  | 'reset'
  | 'slow';

export interface IpamdPod {
  /** By series: `awscni_add_ip_req_count`; `<series>:sum` and `<series>:count` for summaries. */
  readonly values?: Readonly<Record<string, number>>;
  readonly mode?: IpamdMode;
  /** Unix seconds at which the process started. */
  readonly start?: number;
}

export type IpamdPods = Readonly<Record<string, IpamdPod>>;

/** Controls the metrics of pods, by their addresses in the local network. */
export interface Ipamd {
  isReady(): Promise<boolean>;
  set(pods: IpamdPods): Promise<void>;
  /** Adds the values to those that the pods have. */
  add(pods: IpamdPods): Promise<void>;
  /** Starts ipamd again: its counters are 0. */
  restart(ips: readonly string[]): Promise<void>;
  /** How many requests the pods have got. */
  scrapes(): Promise<number>;
}

export function ipamdAt(port: number): Ipamd {
  const url = `http://127.0.0.1:${port}`;
  const post = async (path: string, body: object) => {
    const response = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`ipamd-metrics: ${response.status} ${await response.text()}`);
  };
  return {
    isReady: () =>
      fetch(`${url}/truth`).then(
        ({ ok }) => ok,
        () => false,
      ),
    set: (pods) => post('/set', pods),
    add: (pods) => post('/add', pods),
    restart: (ips) => post('/restart', ips),
    async scrapes() {
      const pods = (await (await fetch(`${url}/truth`)).json()) as Readonly<
        Record<string, { scrapes: number }>
      >;
      return Object.values(pods).reduce((sum, { scrapes }) => sum + scrapes, 0);
    },
  };
}
