"""One exchange of the samples: a Destroy request three ways, and an answer with masked key material."""

HEX = (
    "42007801000000a042007701000000384200690100000020 42006a02000000040000000100000000 42006b02000000040000000400000000"
    "42000d0200000004000000010000000042000f010000005842005c05000000040000000a00000000 420079010000004042009407000000 24"
    "35636466363861362d336437622d346238302d626263392d30373137633435346566663700000000"
)
TREE = """Request Message
  Request Header
    Protocol Version
      Protocol Version Major (Integer): 1
      Protocol Version Minor (Integer): 4
    Batch Count (Integer): 1
  Batch Item
    Operation (Enumeration): Destroy (0x00000014)
    Request Payload
      Unique Identifier (Text String): "5cdf68a6-3d7b-4b80-bbc9-0717c454eff7\""""
MASKED_HEX = "42007b01000000c0 4200430800000020" + "**" * 32 + "42000a0700000004 4145530000000000"
MASKED_TREE = """Response Message
  Response Header
    Time Stamp (Date Time): 2026-11-20T09:30:00Z (1795167000)
  Batch Item
    Result Status (Enumeration): Success (0x00000000)
    Response Payload
      Symmetric Key
        Key Block
          Key Value (Byte String): ** masked, 32 bytes **
          Cryptographic Algorithm (Enumeration): AES (0x00000003)"""
