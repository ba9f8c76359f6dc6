/** npm's parser, which the decoder is held against; values are the text's own. */
declare module 'parse-prometheus-text-format' {
  interface Family {
    readonly name: string;
    readonly metrics: readonly { readonly value?: string }[];
  }
  export default function parsePrometheusTextFormat(text: string): Family[];
}
