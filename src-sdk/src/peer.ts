/** Another node, as an address to connect to. */
export class Peer {
  readonly nodeId: string;
  readonly host: string;
  readonly port: number;

  constructor(nodeId: string, host: string, port: number) {
    this.nodeId = nodeId;
    this.host = host;
    this.port = port;
  }
}
