using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.SynCse.Core.Tokenization.Unicode;

/// <summary>
/// Full canonical decompositions of single characters. A table is enough, because Unicode never changes a decomposition; string.Normalize
/// does nothing under InvariantGlobalization, refuses U+FFFE and takes whole strings.
/// </summary>
internal static class CanonicalDecomposition
{
    private const int HangulFirst = 0xAC00, HangulCount = 11172, Vowels = 21, Trailing = 28;

    private static readonly Dictionary<int, string> _table = Unpack();

    /// <summary>The decomposition of a character; null if it stays as it is.</summary>
    public static string? Of(Rune rune)
    {
        if (rune.Value < 0xC0) return null;
        // Hugging Face's decompositions are older than this one.
        if (rune.Value == 0x11938) return null;
        if ((uint)(rune.Value - HangulFirst) < HangulCount) return Syllable(rune.Value - HangulFirst);
        return _table.GetValueOrDefault(rune.Value);
    }

    private static string Syllable(int index)
    {
        ReadOnlySpan<char> jamo =
        [
            (char)(0x1100 + index / (Vowels * Trailing)), (char)(0x1161 + index % (Vowels * Trailing) / Trailing),
            (char)(0x11A7 + index % Trailing),
        ];
        return new string(index % Trailing == 0 ? jamo[..2] : jamo);
    }

    // The count, then for each character: its distance from the one before, the number of characters it decomposes into, the first of them
    // as a signed distance from the first of the one before, and the others as they are. Numbers have 7 bits a byte, low bits first, and
    // the whole is deflated.
    private static Dictionary<int, string> Unpack()
    {
        using var packed = new MemoryStream(Convert.FromBase64String(Packed));
        using var inflated = new DeflateStream(packed, CompressionMode.Decompress);
        using var reader = new BinaryReader(inflated);
        int count = reader.Read7BitEncodedInt();
        var table = new Dictionary<int, string>(count);
        var (source, first) = (0, 0);
        using var text = new PooledText(8);
        for (int i = 0; i < count; i++)
        {
            source += reader.Read7BitEncodedInt();
            byte length = reader.ReadByte();
            int signed = reader.Read7BitEncodedInt();
            first += (signed & 1) == 0 ? signed / 2 : -(signed + 1) / 2;
            text.Clear();
            text.Append(new Rune(first));
            for (int k = 1; k < length; k++) text.Append(new Rune(reader.Read7BitEncodedInt()));
            table.Add(source, text.ToString());
        }
        return table;
    }

    private const string Packed =
        "zVgLWNbndeec/8cHchcRb61mSbakJkuaOKWdZZBLs7ZJu6xplzXbspmna7stXdM8W5dny9YPUATkpqIV7xhERUVF0E8CiKjEEuMV0SCo8RY0URANscaa/X7v+1" +
        "0wEGr72IuP33nPed9zzntu73nfP3lxDaLp4nGLhqQRpBNkEGQR5LhVXSuAuT7BwtXwfnOqEZTVgfU5GjWQljQsxP2eLVCL/WgqQCpBSiYxgpSVxAgmUyyVIIWy" +
        "qQQp04kRpOQSI0j2YY4mD6QvKBHQHJSdHNQ8kAQDkUqQ7OPDHvQtlSBlUOuhxaUaUJ/sU6WaHHQroN5vUGhfp/utugZ2cAaxGTDti4PISt99g04PxNdv7lc6nU" +
        "Msp48tN6UxsFufYDP7GjSoX1bv1G8vILbAHaMTfNhn9fsBIx8MYBP6Yw7Uw0In1Q6g0iyVZqlcS/k4PZbyuNX5/s1y0y1lBm0Wn+eO1mlgz6Qg5nfYgetGzgxa" +
        "GMrVTQ7h3nAm8cs+vx19iKcjlQZ8J8faaAbsFQjNmAB2QQuIEqTMJEaQdItzEwaY++Itzj1WRowg2Yc5+qzP7zD9eiB3Sf7Cce67OY4ZljJDMNefiO99vvDmqe" +
        "RHCKpD7hYdnub+vCySCPloSJi2magciASUjZGitcTU5QOqUT5gOow4dzDfo22pjTTAvxSQEWekZRoRYDI6/UpCNT7Ndq37NdN2bbY8Jw1ZHJWF5Xu57HAhMdMd" +
        "qcMz3XfwSIzQ0JuZnyBzUl/mkfoCo4ycfk3rxHeUYvTJ4KGiNansoRN9c442qTk3BNMc3zqyEuDs0x4CqxMCqy1B6Q81sP7MADLBY5wUkPZjq1S9YQej4F0LwK" +
        "MEjxwCeKIlar7oXG2JUr2nJWqo3tkS1erSNUNq48M1rjbeUXdt/N06uTYeNgRARAAYMp4gvDb+RV2v9cOwx+Fhcfpk7TAuD1MdXTvsW5qptQm4WGoT7tLHahO4" +
        "kkAVmBtbm3Be1OtqTXQ0pD6R4okUTyRTYpKekMMjJukP6keAJgD5qnq0deQr2iOHRoVpzKFREGodheupcZQ4AIdG/RQc9aMpMZoSo/NFy7R5DFj2jgHL3jHNYy" +
        "BzfMwZ1QOhm8dFaMLmcaEa0RdE68RqLLzQMxZSV8aaF8A4xaU5bohmAI3XRwcR/KGWa8UdJ4Zrw33Vk3A59wMuDa+e9Dn9po90CGAvSXf1pLpQTXtxOXNHkBzs" +
        "tK8RI0jZQAzAQes3XcgMg/P2vTrWEltL+am2m9oBV0WapdL6cmnKemLrybHCnWn3y7xpv2AdD2hDsE6DNlQQI0gOau/b9/terAN4k+yfc7BqutJrtlsF/Q3Ynz" +
        "zQvRXQ+SuiFoxVhrXODuiRWZbKspH71DgOtPvk/nt+qh/JA/GmudmQU+2AO9hQdgDXdKtn+q17p8mlxEr7ZruP7yk3+z7V+m6Gvk+NYEz996SmBL0PVsHgWQj2" +
        "yWB9BR8iA3hx1wb/ZeDmm8bFJ3Guazo6+EeuIHs2sWyan26dsQMoj6U8lsq2lI8zw1IZNrDpNrAc8JoyWuwAymMpj6WyLZVtqQxL+bRkWi08Qkn97dMUf0Bvj6" +
        "WaFNQc2G3Cby8uC6wWO4DyWMpjqWxLZVsqw1IZlnrNUp9q323RnBQszUFiH6bdUbP5IiiCZMhsswdwj6XSLJVmqUZLNVL8N5D5yi3IOLek2dHHf0c2/672eeo2" +
        "xuapX3t/1ZQifGQYPrUM+utk7XZEIPjhH/yWdw2ARQ2A+SUc58HZ7p1WJwaX2d0gRX6EFvhm0vwzjf4Zgzgpt0HHU38gdnz3D8MOjeMdEMJrP8QIaYhRSXY+aY" +
        "lbxhQ/o4YE/0ADJnna0ZIoMi6OGlzDYwMUDXl130tBmhU346WgUfZjOyTLHCCrLcuWcj97VJt/fLOiSwMrEg3znwMNH1QlOMl0KdJPS4E4zoHowR19JiCdcJOj" +
        "ci7SkYX/iy/V5Sobf+yS16NFh+W4f6SLp4mXcfG6hxGM01dIhhM4XvdEfcGLp0SEFyFwe/Ed+Hkv/+TmdY/RBzgXQ+DiHFZH6JwsIb6LQ6TeQyUlWX79orstrh" +
        "QaHcDcPiwsgBm9n1i9SycRi/KRRuND+g8B8t6AltTAnB98ScomwvXKWD2c4HV3R2j78OIpcOM3AbCoL4nPsOIpiPF8kO5bwkbovxRPidAKKZ4So5/5Pdvh6Cwh" +
        "rX2BSxOLp6QXOjL3goqsmCMia5YAZISLXPgvkbp0EGcTRS5WYD1EZE4xRs9JzM6+BJAeK9J+J1j+WsR7t8iV0SK9oSLXXSIVY0WK54OpMgoTMSI5GOsfEWn7M5" +
        "F8CHWsha6zw0QWPw/uz4iUPi1y8h9FFmRgYdPXRHY8iwVIVlPN4lchNkpk1XIQ8/9IpAxEKWwrhaEF0yByElbvwc67/xLcI0WuQWcF9FfBshzQayBYBqsy/xhr" +
        "cSJzI0SO0uezjkgjJg6AqfdL+P2pyP5vIARvYLEZk97/FKkFw+YviOzDtt1/JXL+XsTnKhiKYOHJSTAOwTiP7RvAVIhx5T+JXMqDXT2bwNVRAzBOZGkJxh0QOQ" +
        "u9WXDy3H0i7yyjFTD3agaQ7MsA7dDYii3Pfx12hYlsyMbkrp8BfFgK0JICa54QufHfyNtnQSOGdYzMpniRJkwW4hw0wtTj/yPyfgEW9uYya3+CEP0UW6BB5CBM" +
        "FxjZXsShAWP3c4gdMlmIoDYhwNfGiGz8iNFGSk8mwJHhyCYme+D6EQQ182UwYb822PnvImfWw9lWJhFzrdzz6HYAL/J+AmMVtpk1HlsgTZ5oFA+0tUCydwjq68" +
        "9FuqD1/P2wD/xnpkLVPPyqwDz3JVQW6mIfwrBtHTQdQXRzGcI7EM9HRWbeJVIyCwvlmGhHxsvAuQNq1yCJF1kZUHsEYztcnop1RnApkl68DJNNK0HlIllZcHHt" +
        "YRDVX0X2IL4SYsxMFQrmwFAYhPx1YrwCaz0PYA21kn0aDLvrAX6eD2Wnn0EcQSyEc5sQtjaMSzGWwqlmhGXhD5HtBWBMfwyVsx+cxTxS7ROgDTOeaZipo7YetP" +
        "IyxPoEavHGDExsmQm+3XBsDVLTjjz2IgpVobaUG1E7XqxVYH4NrEVyWhGUNfBoJ83qxbZb/hUR+wnSG4ngfBkeIXKdSHUhPC1oxw6dqMgapG8LlJWDPg3lr90j" +
        "8hZycAPC63ow+T5t/pB5/Wcc54dt8jN/gATQ9EqU5EFUXT7D1gHz03EYMuBcFxUuR0174h1UgkrVFxxZ/U3ElGINSOZpmPG4CLBvQR5neh22vBGpUj5KZfcwRz" +
        "wIZY7jktPIAvrM30IWAV0N5ZUjUAMLedJ4+qHvKizHXm1A50HtAR45/NYjQvu4jE0Qmd2wfCWq4CkcLMzWoCbLoOQYfp3gPI1CaVJ7lqnlGvCLmD+GCmgDjtDh" +
        "H3REGatRQMw/U4vpGxDqRNxQ76jeky6rmhU8z3bSWqA9sD+XZybUcFUh5fC5HeeE5d8KJ70QfEVkxnFWRDYazOqMGEdO7WU/xJ7FPNdQlIMfMpsPPd+D0RF8Qq" +
        "Ce8eOp6IbxlRhZ7DggC3l64HZLjLF7qVrOVky/j5G1RqP+DkWLYSqPCgxbj/FFcIKr1mUDE242bYqzHue7rQfITgVj7NjC70FRnULmrrDRiLWxXI2jO8ACVa2g" +
        "cB08bBs0gj4PWprh0WIs9mKxAXyVGIsgmg98PhJVo7bxFtJ7MX4dADsa0neMnWDFMZkn9gBfB3kC5l5x2RuiBlpyYfcetl38cqDtKyIjTRYrcD6KkJn2ZUgs8G" +
        "U46V0nEPteJB5nZukuSOYjsZkM25IbsGKuPK7nzrqqIlUf3hwZqUO3RfJ1GInXWm3kNjuA0oc2c95LUBvJv/5+OsBdP8hCcHUgrB/43BaAsK0ACQTxWyN3j9fz" +
        "5eE1JS5IAcZqAmCG6DxdscwFKcCFLi0Pry9z8e/VZa4u1dOhNatIrV8FqZC6Va7rojecdavJD/hLt16NXl/pKutW3XEi9MyyMMwTOiGAF/1Ilx/p9iOX/EjPsr" +
        "BntVH6SIpfUv2I+FWoRRp2u+QXecgUihxJa3wTxZHxBsBCMW0iX2xD/gs78yDaL46atwlZe/tgtDkBqB20zeY9oHZuA93+sukJ1znxLgHUrEMhNESaLVo8AAc/" +
        "RjGgT77xH/Z1kGgaEg7edhCnf2IKGx3ofrNiC/y7plnEm0pPMAwh5n9bG7b48CxcePNl0zCyjmGiqyPadBbQvFbftDWeKoINeWHhEZVp5x41Wsabpo8N8MBZiX" +
        "JfAv3IpMxAqaMpvw1z96Afb3UZ32ACH1l71PQwnsvubux3qivaOAEd9xplHjaDD6JtG/joMpDnzTFZxCsOwl15YsIwr9C2BxhSdA1c2VejjUljDXfzdVAbrtto" +
        "8/S+A8e2sTXVz7bypfY+qZgGhm3pAE0EXWkx5iQjeM1iwnhmLjfmK+hvjH7EPI+HvLEU5zOPoJOk2/yHC4WzEe8VswDOFsYY845Pxf51bHIgqtlAT74LsR21wL" +
        "qybYIK+Cq6SPA9kypcS4XYPI9eT0aoOHqK2X/nAaTbVojAItR/b7ZFLxljMv+8IcNNuhJtFJk8JIQvx6vs4YuWAKTxVSOmZBr54FrqX9gCKknkAz7teik63pTy" +
        "k3iKk2paDYDXSG05eN9aCVAOOzpg0XE20+61ADPZjvHwaX/ORKX126ha9kXc2Sv40rzOh2G4KTa8G9GqT2yAnsvvIConeW2co0GOicW+dVipI+jA5HlMXqjmE5" +
        "kPXNrNw3adzw2yFBBMe52XEIObuwnk8mqAGSR3ETxnPIZA6euYz8CxOYaL/3ANDyFP4i+2xpjyYPXzWn7adPh/M8hYcy4r68FxkGy9sOb/EClz0TcB4GYo4sNi" +
        "3XaA87wBttpruoAj2/5EU13ZrK3OZpvtSFPG3fsRjK17AWr5VM+jhsW76A77xmhjdfce+kiAlDQcwFgPCzYSQb3WHeSNTfD2QVtri1tt9sabkuCd1cGZWUx7aT" +
        "ur/SjAyg6A7SSPrUehLqoAWHYW5AP25VCwLc4cqSNH+ch4N8ac32+Y+lrVGWNiGWIORwlfdKVMUzbBUmZnD2QXdYHrVXuy9/NZkXkIs0suYzbrgxgj+t4VjF4+" +
        "8/iht4wP3ATTFtr4GddqG9cl3nuHT2HtwFko+PnHMaa6tjOulecwc5QMpzpBFrKChpg6zc1BVe3MAtjOydz3xLwh2MlK+Pjo/CjO1PdRjp4bAHV5YM4qANjPDy" +
        "ymCQepfHasfdtMI1I4B6CrCOAY2//semA1l313fxeRs3x+zOSJPr0xzpTUdj4Ecdarm6KN4VVI6Zk1fGLzZEaabnpwK+uZwGVCgOfqmhLoXkuAW4QHp4hfVfxQ" +
        "UfNw5YfOdHBftEJoz1Ulvu/C1eA4uBh9OPdju4gu0FmDxTe30IcVAItWDDVHcekqjI1geWstkGa26pHGb5dN3CP2icbPYwz8osy0zaMjk++iLDU3RQHHPdlq/M" +
        "vyQv+STbGmB+/ngydnBsAv9/EjvACB6Aayt3moCUplAQhGi8+suSjrsm2xPI2x5karElse3U2gD7Vj+VInAoavULSU9veAzibNN3VVW6yxa8MhpkSMWTVHgC8n" +
        "qIE79WqKdjPWruEw4nOh+TiWOt4GeG8dVnbw+vNwriQfptVspMesyZNn+KzvxEI5TDi8ON7cWC3VWG/pxuy65ZjZtQJgTk+sqVl8rs3vjWXb4w6bwPj+ZoDrNn" +
        "Z4Zx/3csM6iLzuga52l331dzSoqcor2xjQPKys3gue+fsAZoGHQV9dwFOwk9+TfBtHmDgnGIiP/JwFcf8P";
}
