/// gRPC (unary calls over HTTP/2, on unix sockets) with protocol buffers written by hand.
public enum GRPC {}
