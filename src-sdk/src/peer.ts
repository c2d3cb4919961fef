/** Another node, as an address to connect to (spec 1, "Types"). */
export class Peer {
  /** Its name among its peers. */
  readonly nodeId: string;
  /** Host name, or an IPv4 or IPv6 address without brackets. */
  readonly host: string;
  /** TCP port, 1 to 65535. */
  readonly port: number;

  constructor(nodeId: string, host: string, port: number) {
    this.nodeId = nodeId;
    this.host = host;
    this.port = port;
  }
}
