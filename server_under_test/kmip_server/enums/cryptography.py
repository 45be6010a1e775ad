"""Enumerations of cryptography: algorithms, modes, curves, random number generators."""

from __future__ import annotations

from kmip_server.enums.versioned import VersionedEnum
from kmip_server.versions import V1_1, V1_2, V1_3, V1_4, V2_0, V3_0


class CryptographicAlgorithm(VersionedEnum):
    """Cryptographic Algorithm (KMIP 1.4, 9.1.3.2.13)."""

    DES = 0x01
    TRIPLE_DES = 0x02
    AES = 0x03
    RSA = 0x04
    DSA = 0x05
    ECDSA = 0x06
    HMAC_SHA1 = 0x07
    HMAC_SHA224 = 0x08
    HMAC_SHA256 = 0x09
    HMAC_SHA384 = 0x0A
    HMAC_SHA512 = 0x0B
    HMAC_MD5 = 0x0C
    DH = 0x0D
    ECDH = 0x0E
    ECMQV = 0x0F
    BLOWFISH = 0x10
    CAMELLIA = 0x11
    CAST5 = 0x12
    IDEA = 0x13
    MARS = 0x14
    RC2 = 0x15
    RC4 = 0x16
    RC5 = 0x17
    SKIPJACK = 0x18
    TWOFISH = 0x19
    EC = 0x1A, V1_2
    ONE_TIME_PAD = 0x1B, V1_3
    CHACHA20 = 0x1C, V1_4
    POLY1305 = 0x1D, V1_4
    CHACHA20POLY1305 = 0x1E, V1_4
    SHA3_224 = 0x1F, V1_4
    SHA3_256 = 0x20, V1_4
    SHA3_384 = 0x21, V1_4
    SHA3_512 = 0x22, V1_4
    HMAC_SHA3_224 = 0x23, V1_4
    HMAC_SHA3_256 = 0x24, V1_4
    HMAC_SHA3_384 = 0x25, V1_4
    HMAC_SHA3_512 = 0x26, V1_4
    SHAKE_128 = 0x27, V1_4
    SHAKE_256 = 0x28, V1_4
    ARIA = 0x29, V2_0
    SEED = 0x2A, V2_0
    SM2 = 0x2B, V2_0
    SM3 = 0x2C, V2_0
    SM4 = 0x2D, V2_0
    GOST_R_34_10_2012 = 0x2E, V2_0
    GOST_R_34_11_2012 = 0x2F, V2_0
    GOST_R_34_13_2015 = 0x30, V2_0
    GOST_28147_89 = 0x31, V2_0
    XMSS = 0x32, V2_0
    SPHINCS_256 = 0x33, V2_0
    MCELIECE = 0x34, V2_0
    MCELIECE_6960119 = 0x35, V2_0
    MCELIECE_8192128 = 0x36, V2_0
    ED25519 = 0x37, V2_0
    ED448 = 0x38, V2_0
    ML_KEM_512 = 0x39, V3_0
    ML_KEM_768 = 0x3A, V3_0
    ML_KEM_1024 = 0x3B, V3_0
    ML_DSA_44 = 0x3C, V3_0
    ML_DSA_65 = 0x3D, V3_0
    ML_DSA_87 = 0x3E, V3_0
    SLH_DSA_SHA2_128S = 0x3F, V3_0
    SLH_DSA_SHA2_128F = 0x40, V3_0
    SLH_DSA_SHA2_192S = 0x41, V3_0
    SLH_DSA_SHA2_192F = 0x42, V3_0
    SLH_DSA_SHA2_256S = 0x43, V3_0
    SLH_DSA_SHA2_256F = 0x44, V3_0
    SLH_DSA_SHAKE_128S = 0x45, V3_0
    SLH_DSA_SHAKE_128F = 0x46, V3_0
    SLH_DSA_SHAKE_192S = 0x47, V3_0
    SLH_DSA_SHAKE_192F = 0x48, V3_0
    SLH_DSA_SHAKE_256S = 0x49, V3_0
    SLH_DSA_SHAKE_256F = 0x4A, V3_0


class BlockCipherMode(VersionedEnum):
    """Block Cipher Mode (KMIP 1.4, 9.1.3.2.14)."""

    CBC = 0x01
    ECB = 0x02
    PCBC = 0x03
    CFB = 0x04
    OFB = 0x05
    CTR = 0x06
    CMAC = 0x07
    CCM = 0x08
    GCM = 0x09
    CBC_MAC = 0x0A
    XTS = 0x0B
    AES_KEY_WRAP_PADDING = 0x0C
    NIST_KEY_WRAP = 0x0D
    X9_102_AESKW = 0x0E
    X9_102_TDKW = 0x0F
    X9_102_AKW1 = 0x10
    X9_102_AKW2 = 0x11
    AEAD = 0x12, V1_4


class PaddingMethod(VersionedEnum):
    """Padding Method (KMIP 1.4, 9.1.3.2.15)."""

    NONE = 0x01
    OAEP = 0x02
    PKCS5 = 0x03
    SSL3 = 0x04
    ZEROS = 0x05
    ANSI_X9_23 = 0x06
    ISO_10126 = 0x07
    PKCS1_V1_5 = 0x08
    X9_31 = 0x09
    PSS = 0x0A


class HashingAlgorithm(VersionedEnum):
    """Hashing Algorithm (KMIP 1.4, 9.1.3.2.16)."""

    MD2 = 0x01
    MD4 = 0x02
    MD5 = 0x03
    SHA_1 = 0x04
    SHA_224 = 0x05
    SHA_256 = 0x06
    SHA_384 = 0x07
    SHA_512 = 0x08
    RIPEMD_160 = 0x09
    TIGER = 0x0A
    WHIRLPOOL = 0x0B
    SHA_512_224 = 0x0C, V1_2
    SHA_512_256 = 0x0D, V1_2
    SHA3_224 = 0x0E, V1_4
    SHA3_256 = 0x0F, V1_4
    SHA3_384 = 0x10, V1_4
    SHA3_512 = 0x11, V1_4


class DigitalSignatureAlgorithm(VersionedEnum):
    """Digital Signature Algorithm (KMIP 1.4, 9.1.3.2.7)."""

    MD2_WITH_RSA_ENCRYPTION = 0x01, V1_1
    MD5_WITH_RSA_ENCRYPTION = 0x02, V1_1
    SHA_1_WITH_RSA_ENCRYPTION = 0x03, V1_1
    SHA_224_WITH_RSA_ENCRYPTION = 0x04, V1_1
    SHA_256_WITH_RSA_ENCRYPTION = 0x05, V1_1
    SHA_384_WITH_RSA_ENCRYPTION = 0x06, V1_1
    SHA_512_WITH_RSA_ENCRYPTION = 0x07, V1_1
    RSASSA_PSS = 0x08, V1_1
    DSA_WITH_SHA_1 = 0x09, V1_1
    DSA_WITH_SHA224 = 0x0A, V1_1
    DSA_WITH_SHA256 = 0x0B, V1_1
    ECDSA_WITH_SHA_1 = 0x0C, V1_1
    ECDSA_WITH_SHA224 = 0x0D, V1_1
    ECDSA_WITH_SHA256 = 0x0E, V1_1
    ECDSA_WITH_SHA384 = 0x0F, V1_1
    ECDSA_WITH_SHA512 = 0x10, V1_1
    SHA3_256_WITH_RSA_ENCRYPTION = 0x11, V1_4
    SHA3_384_WITH_RSA_ENCRYPTION = 0x12, V1_4
    SHA3_512_WITH_RSA_ENCRYPTION = 0x13, V1_4


class MaskGenerator(VersionedEnum):
    """Mask Generator (KMIP 1.4, 9.1.3.2.49)."""

    MGF1 = 0x01, V1_4


class KeyRoleType(VersionedEnum):
    """Key Role Type (KMIP 1.4, 9.1.3.2.17)."""

    BDK = 0x01
    CVK = 0x02
    DEK = 0x03
    MKAC = 0x04
    MKSMC = 0x05
    MKSMI = 0x06
    MKDAC = 0x07
    MKDN = 0x08
    MKCP = 0x09
    MKOTH = 0x0A
    KEK = 0x0B
    MAC16609 = 0x0C
    MAC97971 = 0x0D
    MAC97972 = 0x0E
    MAC97973 = 0x0F
    MAC97974 = 0x10
    MAC97975 = 0x11
    ZPK = 0x12
    PVKIBM = 0x13
    PVKPVV = 0x14
    PVKOTH = 0x15
    DUKPT = 0x16, V1_4
    IV = 0x17, V1_4
    TRKBK = 0x18, V1_4


class RecommendedCurve(VersionedEnum):
    """Recommended Curve (KMIP 1.4, 9.1.3.2.5)."""

    P_192 = 0x01
    K_163 = 0x02
    B_163 = 0x03
    P_224 = 0x04
    K_233 = 0x05
    B_233 = 0x06
    P_256 = 0x07
    K_283 = 0x08
    B_283 = 0x09
    P_384 = 0x0A
    K_409 = 0x0B
    B_409 = 0x0C
    P_521 = 0x0D
    K_571 = 0x0E
    B_571 = 0x0F
    SECP112R1 = 0x10, V1_2
    SECP112R2 = 0x11, V1_2
    SECP128R1 = 0x12, V1_2
    SECP128R2 = 0x13, V1_2
    SECP160K1 = 0x14, V1_2
    SECP160R1 = 0x15, V1_2
    SECP160R2 = 0x16, V1_2
    SECP192K1 = 0x17, V1_2
    SECP224K1 = 0x18, V1_2
    SECP256K1 = 0x19, V1_2
    SECT113R1 = 0x1A, V1_2
    SECT113R2 = 0x1B, V1_2
    SECT131R1 = 0x1C, V1_2
    SECT131R2 = 0x1D, V1_2
    SECT163R1 = 0x1E, V1_2
    SECT193R1 = 0x1F, V1_2
    SECT193R2 = 0x20, V1_2
    SECT239K1 = 0x21, V1_2
    ANSIX9P192V2 = 0x22, V1_2
    ANSIX9P192V3 = 0x23, V1_2
    ANSIX9P239V1 = 0x24, V1_2
    ANSIX9P239V2 = 0x25, V1_2
    ANSIX9P239V3 = 0x26, V1_2
    ANSIX9C2PNB163V1 = 0x27, V1_2
    ANSIX9C2PNB163V2 = 0x28, V1_2
    ANSIX9C2PNB163V3 = 0x29, V1_2
    ANSIX9C2PNB176V1 = 0x2A, V1_2
    ANSIX9C2TNB191V1 = 0x2B, V1_2
    ANSIX9C2TNB191V2 = 0x2C, V1_2
    ANSIX9C2TNB191V3 = 0x2D, V1_2
    ANSIX9C2PNB208W1 = 0x2E, V1_2
    ANSIX9C2TNB239V1 = 0x2F, V1_2
    ANSIX9C2TNB239V2 = 0x30, V1_2
    ANSIX9C2TNB239V3 = 0x31, V1_2
    ANSIX9C2PNB272W1 = 0x32, V1_2
    ANSIX9C2PNB304W1 = 0x33, V1_2
    ANSIX9C2TNB359V1 = 0x34, V1_2
    ANSIX9C2PNB368W1 = 0x35, V1_2
    ANSIX9C2TNB431R1 = 0x36, V1_2
    BRAINPOOLP160R1 = 0x37, V1_2
    BRAINPOOLP160T1 = 0x38, V1_2
    BRAINPOOLP192R1 = 0x39, V1_2
    BRAINPOOLP192T1 = 0x3A, V1_2
    BRAINPOOLP224R1 = 0x3B, V1_2
    BRAINPOOLP224T1 = 0x3C, V1_2
    BRAINPOOLP256R1 = 0x3D, V1_2
    BRAINPOOLP256T1 = 0x3E, V1_2
    BRAINPOOLP320R1 = 0x3F, V1_2
    BRAINPOOLP320T1 = 0x40, V1_2
    BRAINPOOLP384R1 = 0x41, V1_2
    BRAINPOOLP384T1 = 0x42, V1_2
    BRAINPOOLP512R1 = 0x43, V1_2
    BRAINPOOLP512T1 = 0x44, V1_2
    CURVE25519 = 0x45, V2_0
    CURVE448 = 0x46, V2_0


class DerivationMethod(VersionedEnum):
    """Derivation Method (KMIP 1.4, 9.1.3.2.21)."""

    PBKDF2 = 0x01
    HASH = 0x02
    HMAC = 0x03
    ENCRYPT = 0x04
    NIST800_108_C = 0x05
    NIST800_108_F = 0x06
    NIST800_108_DPI = 0x07
    ASYMMETRIC_KEY = 0x08, V1_4
    AWS_SIGNATURE_VERSION_4 = 0x09, V2_0
    HKDF = 0x0A, V2_0


class WrappingMethod(VersionedEnum):
    """Wrapping Method (KMIP 1.4, 9.1.3.2.4)."""

    ENCRYPT = 0x01
    MAC_SIGN = 0x02
    ENCRYPT_THEN_MAC_SIGN = 0x03
    MAC_SIGN_THEN_ENCRYPT = 0x04
    TR_31 = 0x05


class EncodingOption(VersionedEnum):
    """Encoding Option (KMIP 1.4, 9.1.3.2.32)."""

    NO_ENCODING = 0x01, V1_1
    TTLV_ENCODING = 0x02, V1_1


class RNGAlgorithm(VersionedEnum):
    """RNG Algorithm (KMIP 1.4, 9.1.3.2.37)."""

    UNSPECIFIED = 0x01, V1_3
    FIPS_186_2 = 0x02, V1_3
    DRBG = 0x03, V1_3
    NRBG = 0x04, V1_3
    ANSI_X9_31 = 0x05, V1_3
    ANSI_X9_62 = 0x06, V1_3


class DRBGAlgorithm(VersionedEnum):
    """DRBG Algorithm (KMIP 1.4, 9.1.3.2.38)."""

    UNSPECIFIED = 0x01, V1_3
    DUAL_EC = 0x02, V1_3
    HASH = 0x03, V1_3
    HMAC = 0x04, V1_3
    CTR = 0x05, V1_3


class FIPS186Variation(VersionedEnum):
    """FIPS186 Variation (KMIP 1.4, 9.1.3.2.39)."""

    UNSPECIFIED = 0x01, V1_3
    GP_X_ORIGINAL = 0x02, V1_3
    GP_X_CHANGE_NOTICE = 0x03, V1_3
    X_ORIGINAL = 0x04, V1_3
    X_CHANGE_NOTICE = 0x05, V1_3
    K_ORIGINAL = 0x06, V1_3
    K_CHANGE_NOTICE = 0x07, V1_3


class NISTKeyType(VersionedEnum):
    """NIST Key Type (KMIP 2.1, 11.32)."""

    PRIVATE_SIGNATURE_KEY = 0x01, V2_0
    PUBLIC_SIGNATURE_VERIFICATION_KEY = 0x02, V2_0
    SYMMETRIC_AUTHENTICATION_KEY = 0x03, V2_0
    PRIVATE_AUTHENTICATION_KEY = 0x04, V2_0
    PUBLIC_AUTHENTICATION_KEY = 0x05, V2_0
    SYMMETRIC_DATA_ENCRYPTION_KEY = 0x06, V2_0
    SYMMETRIC_KEY_WRAPPING_KEY = 0x07, V2_0
    SYMMETRIC_RANDOM_NUMBER_GENERATION_KEY = 0x08, V2_0
    SYMMETRIC_MASTER_KEY = 0x09, V2_0
    PRIVATE_KEY_TRANSPORT_KEY = 0x0A, V2_0
    PUBLIC_KEY_TRANSPORT_KEY = 0x0B, V2_0
    SYMMETRIC_KEY_AGREEMENT_KEY = 0x0C, V2_0
    PRIVATE_STATIC_KEY_AGREEMENT_KEY = 0x0D, V2_0
    PUBLIC_STATIC_KEY_AGREEMENT_KEY = 0x0E, V2_0
    PRIVATE_EPHEMERAL_KEY_AGREEMENT_KEY = 0x0F, V2_0
    PUBLIC_EPHEMERAL_KEY_AGREEMENT_KEY = 0x10, V2_0
    SYMMETRIC_AUTHORIZATION_KEY = 0x11, V2_0
    PRIVATE_AUTHORIZATION_KEY = 0x12, V2_0
    PUBLIC_AUTHORIZATION_KEY = 0x13, V2_0
