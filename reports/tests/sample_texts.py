"""One exchange of the samples: a Destroy request three ways, and an answer with masked key material."""

HEX = (
    "42007801000000a042007701000000384200690100000020 42006a02000000040000000100000000 42006b02000000040000000400000000"
    "42000d0200000004000000010000000042000f010000005842005c05000000040000000a00000000 420079010000004042009407000000 24"
    "35636466363861362d336437622d346238302d626263392d30373137633435346566663700000000"
)
TREE = """RequestMessage (structure, 160 bytes)
├─ RequestHeader (structure, 56 bytes)
│  ├─ ProtocolVersion (structure, 32 bytes)
│  │  ├─ ProtocolVersionMajor (integer) = 1
│  │  └─ ProtocolVersionMinor (integer) = 4
│  └─ BatchCount (integer) = 1
└─ BatchItem (structure, 88 bytes)
   ├─ Operation (enumeration) = 0x00000014 Destroy
   └─ RequestPayload (structure, 64 bytes)
      └─ UniqueIdentifier (text string) = "5cdf68a6-3d7b-4b80-bbc9-0717c454eff7\""""
XML = """<RequestMessage>
  <RequestHeader>
    <ProtocolVersion>
      <ProtocolVersionMajor type="Integer" value="1"/>
      <ProtocolVersionMinor type="Integer" value="4"/>
    </ProtocolVersion>
    <BatchCount type="Integer" value="1"/>
  </RequestHeader>
  <BatchItem>
    <Operation type="Enumeration" value="Destroy"/>
    <RequestPayload>
      <UniqueIdentifier type="TextString" value="5cdf68a6-3d7b-4b80-bbc9-0717c454eff7"/>
    </RequestPayload>
  </BatchItem>
</RequestMessage>"""
MASKED_HEX = "42007b01000000c0 4200430800000020" + "**" * 32 + "42000a0700000004 4145530000000000"
MASKED_TREE = """ResponseMessage (structure, 192 bytes)
└─ BatchItem (structure, 120 bytes)
   ├─ ResultStatus (enumeration) = 0x00000000 Success
   └─ ResponsePayload (structure, 96 bytes)
      └─ KeyMaterial (byte string) = ** (32 bytes)"""
