package normalizer_test

import (
	"strings"
	"time"

	"bantin/internal/article"
)

// reference is the project's reference article as the normalizer makes it,
// before it is tagged.
func reference() article.Article {
	return article.Article{
		Title: "Bắc Kạn quan tâm đầu tư hạ tầng công nghiệp",
		Lead: "Nhằm phát triển đồng bộ kết cấu hạ tầng khu, cụm công nghiệp, tạo điều kiện thuận lợi để kêu gọi, xúc tiến " +
			"triển khai mạnh mẽ các dự án đầu tư quy mô tại các khu, cụm công nghiệp gắn với tiềm năng, lợi thế của các địa " +
			"phương, tỉnh Bắc Kạn xác định tiếp tục đầu tư hạ tầng công nghiệp giai đoạn đến năm 2025.",
		Text: strings.Join([]string{
			"Những năm qua, Bắc Kạn đã quan tâm đầu tư hạ tầng công nghiệp trên địa bàn. Đến nay, toàn tỉnh đã có Khu Công " +
				"nghiệp Thanh Bình và chuẩn bị đầu tư hạ tầng một số cụm công nghiệp, như Cụm Công nghiệp Huyền Tụng, thành phố " +
				"Bắc Kạn; Cụm Công nghiệp Vằng Mười, huyện Na Rì; Cụm Công nghiệp Nam Bằng Lũng, huyện Chợ Đồn; Cụm Công nghiệp " +
				"Chu Hương, huyện Ba Bể; Cụm Công nghiệp Cẩm Giàng, huyện Bạch Thông; Cụm Công nghiệp Quảng Chu, huyện Chợ Mới. " +
				"Khu công nghiệp và các cụm công nghiệp được đầu tư xây dựng đồng bộ sẽ tạo điều kiện thuận lợi để các nhà đầu " +
				"tư vào sản xuất, kinh doanh, phát triển ngành công nghiệp của tỉnh.",
			"Nhằm tạo bước đột phá trong phát triển kinh tế, trong Kế hoạch đầu tư hạ tầng công nghiệp trên địa bàn tỉnh " +
				"giai đoạn 2021 - 2025, tỉnh Bắc Kạn tập trung huy động mọi nguồn lực xã hội đề đầu tư, từng bước hình thành hệ " +
				"thống kết cấu hạ tầng công nghiệp đồng bộ, trong đó tập trung xây dựng hạ tầng kỹ thuật khu, cụm công nghiệp và " +
				"hạ tầng điện, nước, giao thông kết nối, bảo đảm đồng bộ, thuận lợi trong công tác thu hút đầu tư.",
			"Cụ thể, Bắc Kạn tập trung hoàn thiện hạ tầng Khu Công nghiệp Thanh Bình giai đoạn I đủ 73,5 ha và xem xét mở " +
				"rộng thêm 51 ha; đầu tư hạ tầng kỹ thuật Khu Công nghiệp Thanh Bình giai đoạn II với quy mô diện tích là 80,3 " +
				"ha. Đầu tư tối thiểu 6 cụm công nghiệp với tổng diện tích khoảng 150 ha, trong đó tập trung chủ yếu tại các địa " +
				"phương thuận lợi về kết nối giao thông trong tỉnh và với tỉnh, thành khác. Cùng với đó là đầu tư các dự án " +
				"đường dây và trạm biến áp nhằm đáp ứng nhu cầu sử dụng điện tại các khu, cụm công nghiệp. Triển khai các dự án " +
				"thủy điện vừa và nhỏ đã được cấp chủ trương đầu tư trên địa bàn tỉnh để góp phần chủ động nguồn điện tại địa " +
				"phương. Đầu tư xây dựng đường giao thông kết nối, đường dây tải điện và nhà máy cấp nước. Nghiên cứu, thực hiện " +
				"đầu tư nhà ở xã hội tại các khu vực xây dựng khu, cụm công nghiệp.",
			"Để triển khai thực hiện, Bắc Kạn quan tâm nâng cao hiệu lực, hiệu quả công tác quản lý nhà nước. Trong đó, thực " +
				"hiện tốt công tác cải cách hành chính, tạo môi trường đầu tư, kinh doanh thông thoáng; nâng cao trách nhiệm các " +
				"cấp, các ngành trong quản lý quy hoạch, kêu gọi đầu tư, trong phân bổ nguồn lực và đảm bảo sự nhất quán, đồng " +
				"bộ trong quản lý và tổ chức thực hiện các dự án đầu tư theo từng lĩnh vực, ngành quản lý.",
			"Cùng với đó là ưu tiên nguồn lực và đẩy mạnh thu hút, huy động các nguồn lực phát triển hạ tầng công nghiệp. " +
				"Trên cơ sở quy hoạch tỉnh được phê duyệt, thông báo công khai, rộng rãi cho các nhà đầu tư tham gia đầu tư phát " +
				"triển các cụm công nghiệp. Đẩy mạnh thu hút nguồn vốn đầu tư ngoài ngân sách, mở rộng các hình thức đầu tư, " +
				"khuyến khích các nhà đầu tư trong và ngoài nước bỏ vốn đầu tư phát triển kết cấu hạ tầng công nghiệp và các dự " +
				"án sản xuất, kinh doanh. Sử dụng ngân sách nhà nước thực hiện hỗ trợ, đầu tư xây dựng hạ tầng kỹ thuật ngoài " +
				"hàng rào khu, cụm công nghiệp. Đồng thời hực hiện các ưu đãi về đầu tư hạ tầng khu, cụm công nghiệp theo quy " +
				"định của pháp luật.",
		}, "\n"),
		Images: []article.Image{{
			Caption: "Hạ tầng Cụm Công nghiệp Huyền Tụng, thành phố Bắc Kạn đang được đầu tư xây dựng",
		}},
		Published: time.Date(2022, time.February, 21, 0, 0, 0, 0, time.FixedZone("+07", 7*60*60)),
		Precision: article.Day,
	}
}
