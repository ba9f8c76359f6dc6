/** What all answers hold that one client is receiving. */
export class ReceiveMemory {
  bytes = 0;
}
